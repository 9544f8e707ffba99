"""The `search_index` asset: let the index follow the published copy."""

import dagster as dg

from assets.flow import Flow
from warehouse.publish import AnalystsCopy
from warehouse.search.finding import refresh
from warehouse.search.index import SearchIndex


@dg.asset(group_name="publish", kinds={"tantivy"}, code_version="1", deps=["analysts_copy"])
def search_index(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Indexes the words of new and changed articles for `thinkwatch search`, in the forms of their language.

    The index is made from the published copy alone and can be thrown away: `thinkwatch search --rebuild` makes it anew.
    """
    index = SearchIndex(flow.search)
    changed = refresh(AnalystsCopy(flow.copy), index)
    return dg.MaterializeResult(metadata={"indexed": changed, "dagster/row_count": index.count()})
