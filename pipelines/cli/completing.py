"""What the shell completes by itself besides commands and options: ids of the installation. A fault of its files completes nothing."""

import click


def source_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """Ids of the installation's sources that begin so."""
    from assets.sources.registry import load_sources
    from pipelines.settings import load_settings
    from warehouse.errors import ThinkwatchError

    try:
        sources = load_sources(load_settings(_config(ctx)).source_places)
    except (ThinkwatchError, OSError):
        return []
    return sorted(source.id for source in sources if source.id.startswith(incomplete))


def _config(ctx: click.Context) -> str | None:
    return ctx.find_root().params.get("config_path")
