"""The settings: `thinkwatch.toml`, overridden by `THINKWATCH_*` variables; secrets only from the environment.

Read when a command or a run starts, never at import. Paths are relative to the configuration file.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from alerts.tokens import SHORTEST_KEY
from assets.matching.packs import pack_file
from assets.sources.registry import registry_places
from pipelines.settings_file import first_fault, line_of, no_json, read_text, read_values
from warehouse.errors import ConfigError

FILE = "thinkwatch.toml"
VARIABLE = "THINKWATCH_CONFIG"
SECRETS = {"mail": {"password", "token_keys"}, "store": {"password", "s3_secret"}}  # by section


CRON_WORDS = {"@hourly", "@daily", "@weekly", "@monthly"}
CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Section(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class FetchSettings(Section):
    """How we behave towards the sources."""

    contact: str = "https://thinkwatch.example/about-our-robot"
    pace_seconds: Annotated[float, Field(ge=0)] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=256)] = 16
    connect_seconds: Annotated[float, Field(gt=0)] = 10.0
    total_seconds: Annotated[float, Field(gt=0)] = 30.0
    patience_seconds: Annotated[float, Field(gt=0)] = 2.0
    source_seconds: Annotated[float, Field(gt=0)] = 300.0
    run_seconds: Annotated[float, Field(gt=0)] = 900.0
    max_feed_megabytes: Annotated[float, Field(gt=0)] = 20.0
    max_page_megabytes: Annotated[float, Field(gt=0)] = 10.0
    max_attachment_megabytes: Annotated[float, Field(gt=0)] = 25.0
    robots_for_feeds: bool = False
    ca_file: Path | None = None
    pages_per_source: Annotated[int, Field(ge=1)] = 50
    attachments_per_source: Annotated[int, Field(ge=0)] = 10
    connect_to: dict[str, str] = {}  # host → "127.0.0.1:port": the one switch that lets a source be on this machine


class BackfillSettings(Section):
    """How far older entries are searched after a gap between two polls."""

    pages: Annotated[int, Field(ge=1)] = 50
    entries: Annotated[int, Field(ge=1)] = 2000
    pages_per_run: Annotated[int, Field(ge=0)] = 10
    days: Annotated[int, Field(ge=1)] = 7


class ArchiveSettings(Section):
    """How long raw documents are kept, by `thinkwatch archive compact`; unset: for ever. What an article stands on stays."""

    keep_days: Annotated[int, Field(ge=1)] | None = None
    max_gigabytes: Annotated[float, Field(gt=0)] | None = None
    file_megabytes: Annotated[int, Field(ge=1)] = 1024


class ExtractionSettings(Section):
    """What reading one page may cost, in worker processes; 0 workers: in the run's own process, unprotected."""

    seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    megabytes: Annotated[int, Field(ge=512)] = 1024
    workers: Annotated[int, Field(ge=0, le=64)] = 2


class MailSection(Section):
    """How alerts leave the house."""

    transport: Literal["eml", "smtp"] = "eml"
    folder: Path = Path("data/mail")
    sender: str = "alerts@thinkwatch.example"
    sender_name: str = "Thinkwatch"
    unsubscribe: str | None = None
    base_url: str | None = None
    bounces: str | None = None
    bounces_password: SecretStr | None = None  # of the IMAP mailbox in which they arrive
    operator: str | None = None
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    token_keys: SecretStr | None = None  # secrets that sign links and bounce addresses, the newest first, with commas

    @field_validator("token_keys")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and any(len(key) < SHORTEST_KEY for key in _keys(value)):
            raise ValueError(f"each key needs at least {SHORTEST_KEY} characters, such as those of: openssl rand -hex 32")
        return value

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, the newest first; none where none are set."""
        return _keys(self.token_keys) if self.token_keys else ()


def _keys(value: SecretStr) -> tuple[str, ...]:
    return tuple(key.strip() for key in value.get_secret_value().split(",") if key.strip())


def _is_cron(value: str) -> str:
    """Refuse what the scheduler would refuse only when it starts, without importing it."""
    fields = value.split()
    if value not in CRON_WORDS and (
        len(fields) != len(CRON_RANGES) or not all(_is_cron_field(field, *ends) for field, ends in zip(fields, CRON_RANGES, strict=True))
    ):
        raise ValueError(f"{value!r} is no cron line of minute, hour, day, month and weekday, such as */30 * * * *")
    return value


def _is_cron_field(field: str, least: int, most: int) -> bool:
    found = [re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part) for part in field.split(",")]
    return all(part and all(least <= int(number) <= most for number in part.groups()[:2] if number) for part in found)


Cron = Annotated[str, AfterValidator(_is_cron)]


class ScheduleSettings(Section):
    """When jobs run by the clock (cron, UTC), and into how many runs a cycle is split, each with its own sources."""

    ingest: Cron = "*/30 * * * *"
    groups: Annotated[int, Field(ge=1, le=64)] = 1
    digests: Cron = "7,22,37,52 * * * *"  # between the runs of `ingest`, which send what is due too
    full_poll: Cron = "40 3 * * 0"
    publication: Cron = "50 * * * *"
    retention: Cron = "20 4 * * *"
    backup: Cron = "50 4 * * *"


class HistorySettings(Section):
    """How long Dagster's own history of runs stays: days, and at most so many runs of each kind."""

    days: Annotated[int, Field(ge=1)] = 14
    failed_days: Annotated[int, Field(ge=1)] = 90
    runs: Annotated[int, Field(ge=1)] = 1500


class BackupSettings(Section):
    """Where the daily backup goes, and how many stay. Without a folder there is none."""

    folder: Path | None = None
    keep: Annotated[int, Field(ge=1)] = 14


class MonitoringSettings(Section):
    """How something outside learns that all is well: an address that is asked after each good run."""

    heartbeat: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    late_hours: Annotated[float, Field(gt=0)] = 3.0  # without a good run, after which `thinkwatch status` is not content
    free_gigabytes: Annotated[float, Field(ge=0)] = 2.0


class StoreSettings(Section):
    """Where the private store lies: one file in the data folder, or a lake that several machines share."""

    kind: Literal["file", "ducklake"] = "file"
    catalogue: str = ""  # of a lake: how PostgreSQL is reached, such as "host=db dbname=thinkwatch user=thinkwatch"
    data: str = ""  # of a lake: a folder that all machines share, or s3://bucket/prefix
    password: SecretStr | None = None
    s3_key_id: str | None = None
    s3_secret: SecretStr | None = None
    s3_endpoint: str | None = None  # host:port; unset: Amazon's
    s3_region: str = "us-east-1"
    s3_tls: bool = True

    @field_validator("catalogue")
    @classmethod
    def _no_password(cls, value: str) -> str:
        if re.search(r"\bpassword\s*=|://[^/@]*:[^/@]*@", value):
            raise ValueError("a password does not belong here: set THINKWATCH_STORE__PASSWORD")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "StoreSettings":
        if self.kind == "ducklake" and not (self.catalogue and self.data):
            raise ValueError("a ducklake needs `catalogue` (how PostgreSQL is reached) and `data` (a folder, or s3://bucket/prefix)")
        return self


class Settings(BaseSettings):
    """All settings of one installation; `base` is the folder of the file."""

    model_config = SettingsConfigDict(env_prefix="THINKWATCH_", env_nested_delimiter="__", extra="forbid")

    base: Path
    file: Path | None = None
    data: Path = Path("data")
    sources: list[Path] = [Path("sources")]
    registry: bool | list[str] = False  # which sources that ship with Thinkwatch take part: none, all or these ids
    packs: list[str] = []  # shipped watch lists, read before your own
    watchlists: list[Path] = [Path("watchlists")]
    subscriptions: list[Path] = [Path("subscriptions.yaml")]
    replay: bool = False
    memory_limit: str = "1GB"
    threads: Annotated[int, Field(ge=1)] = 2
    copies: Annotated[int, Field(ge=1)] = 3
    fetch: FetchSettings = FetchSettings()
    backfill: BackfillSettings = BackfillSettings()
    archive: ArchiveSettings = ArchiveSettings()
    store: StoreSettings = StoreSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    mail: MailSection = MailSection()
    schedule: ScheduleSettings = ScheduleSettings()
    history: HistorySettings = HistorySettings()
    backup: BackupSettings = BackupSettings()
    monitoring: MonitoringSettings = MonitoringSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings

    @property
    def reading(self) -> dict[str, str | int]:
        """The limits of DuckDB for who reads the analysts' copy."""
        return {"memory_limit": self.memory_limit, "threads": self.threads}

    def path(self, value: Path) -> Path:
        """A path of the file, made absolute."""
        return (self.base / value.expanduser()).resolve()

    @property
    def source_places(self) -> tuple[Path, ...]:
        """Where the sources are defined, the chosen ones of the registry first. Raises ConfigError for an id that it lacks."""
        with self._named("registry"):
            chosen = registry_places(self.registry)
        return (*chosen, *(self.path(place) for place in self.sources))

    @property
    def watchlist_files(self) -> tuple[Path, ...]:
        """The packs, the named files, those in the named folders, in this order. Raises ConfigError for an unknown pack."""
        places = [self.path(place) for place in self.watchlists]
        own = [file for place in places for file in (sorted(place.rglob("*.yaml")) if place.is_dir() else [place])]
        with self._named("packs"):
            return (*map(pack_file, self.packs), *own)

    @contextmanager
    def _named(self, setting: str) -> Iterator[None]:
        """Let a fault in what a setting names be one of the file, with its line."""
        try:
            yield
        except ConfigError as fault:
            line = line_of(read_text(self.file), setting) if self.file else None
            raise ConfigError(f"{setting}: {fault.message}", path=self.file, line=line, hint=fault.hint) from fault

    @property
    def data_folder(self) -> Path:
        """Everything that Thinkwatch writes."""
        return self.path(self.data)

    @property
    def published(self) -> Path:
        """The analysts' copy."""
        return self.data_folder / "thinkwatch.duckdb"

    @property
    def search_folder(self) -> Path:
        """The search index."""
        return self.data_folder / "search"

    @property
    def good_run_file(self) -> Path:
        """Which run was the last good one, and when."""
        return self.data_folder / "last_good_run.json"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state."""
        return self.data_folder / "dagster"


def find_file(given: str | None) -> Path | None:
    """The configuration file: the given one, else $THINKWATCH_CONFIG, else ./thinkwatch.toml; None when there is none.

    Raises ConfigError when one is named and does not exist.
    """
    named = given or os.environ.get(VARIABLE)
    if named and not Path(named).is_file():
        origin = "--config" if given else f"${VARIABLE}"
        raise ConfigError(
            f"no such configuration file (from {origin})", path=named, hint="check the path, or write a start with: thinkwatch init"
        )
    if named:
        return Path(named).resolve()
    return Path(FILE).resolve() if Path(FILE).is_file() else None


def load_settings(given: str | None = None, *, required: bool = True) -> Settings:
    """Read the settings. Raises ConfigError that names the file and line; with `required` also when there is no file."""
    file = find_file(given)
    if file is None and required:
        raise ConfigError(f"there is no {FILE} here", hint="write one with: thinkwatch init   or try: thinkwatch demo")
    text = read_text(file) if file else ""
    values = read_values(text, Settings, SECRETS, file)
    try:
        return Settings(base=file.parent if file else Path.cwd(), file=file, **values)
    except ValidationError as faults:
        raise first_fault(faults, Settings, file, text) from faults
    except SettingsError as fault:
        field = re.search(r'field "(\w+)"', str(fault))
        raise no_json(field[1] if field else "", Settings) from fault
