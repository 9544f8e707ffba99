"""The `analysts_copy` asset: publish what the run stored."""

from time import perf_counter

import dagster as dg

from assets.flow import Flow
from warehouse.publish import publish


@dg.asset(group_name="publish", kinds={"duckdb"}, code_version="1", deps=["articles", "mentions", "alerts", "deliveries", "attachments"])
def analysts_copy(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Publishes a read-only copy of the store for analysts, switched atomically; who has an older one open keeps it.

    Nothing is copied when nothing has changed. Open it with `duckdb -readonly` or `thinkwatch sql`.
    """
    begun = perf_counter()
    copy = publish(flow.warehouse, flow.copy, flow.now(), keep=flow.copies)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(flow.copy)),
            "bytes": copy.bytes,
            "new": copy.is_new,
            "seconds": round(perf_counter() - begun, 2),
        }
    )
