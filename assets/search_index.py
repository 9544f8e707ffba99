"""The `search_index` asset: let the index follow the published copy."""

import dagster as dg

from assets.flow import Flow
from warehouse.publish import AnalystsCopy
from warehouse.search.finding import refresh
from warehouse.search.index import SearchIndex


@dg.asset(group_name="publish", kinds={"tantivy"}, code_version="2", deps=["analysts_copy"])
def search_index(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Indexes the words of new and changed articles, and of reports beside them, for `thinkwatch search`, in their language's forms.

    The index is made from the published copy alone and can be thrown away: `thinkwatch search --rebuild` makes it anew.
    """
    index = SearchIndex(flow.search)
    changed = refresh(AnalystsCopy(flow.copy), index)
    return dg.MaterializeResult(metadata={"indexed": changed, "dagster/row_count": index.count()})
