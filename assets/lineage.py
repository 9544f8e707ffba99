"""Which column is made of which, for Dagster's column lineage: only where it says something that the names do not."""

import dagster as dg


def made_of(**columns: str) -> dg.TableColumnLineage:
    """Each column with what it is made of, as `asset.column` with spaces between them."""
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=asset, column_name=name) for asset, name in (origin.split(".") for origin in origins.split())
            ]
            for column, origins in columns.items()
        }
    )


ENTRIES = made_of(
    source_id="feeds.source_id", feed_id="feeds.feed_id", first_seen_at="feeds.last_polled_at", baseline="feeds.first_good_at"
)
PAGES = made_of(entry_id="entries.entry_id", url="entries.url", source_id="entries.source_id")
ARTICLES = made_of(
    article_id="entries.entry_id",
    text="pages.sha256 entries.content entries.summary",
    title="pages.sha256 entries.title",
    published_at="pages.sha256 entries.published_at",
    authors="pages.sha256 entries.authors",
    language="pages.sha256 entries.language",
    text_source="pages.verdict",
    first_seen_at="entries.first_seen_at",
    withdrawn_at="entries.page_misses",
    baseline="entries.baseline",
)
MENTIONS = made_of(
    article_id="articles.article_id",
    revision_id="articles.revision_id",
    matched="articles.text articles.title",
    start_char="articles.text articles.title",
    sentence_start="articles.text articles.title",
)
ALERTS = made_of(
    article_id="mentions.article_id",
    revision_id="mentions.revision_id",
    entities="mentions.entity",
    reason="mentions.matched mentions.zone",
    watchlist_hash="mentions.watchlist_hash",
)
DELIVERIES = made_of(alert_id="alerts.alert_id", subscriber_id="alerts.subscriber_id", message_id="alerts.alert_id")
