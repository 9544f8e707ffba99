"""The jobs: one, the whole flow. In one process, because a process a step costs eight times the wall time and hangs."""

import dagster as dg

FLOW = ("feeds", "entries", "pages", "articles", "mentions", "alerts", "deliveries", "analysts_copy", "search_index")
MAX_RUNTIME_SECONDS = 1800

monitor = dg.define_asset_job(
    "monitor",
    selection=dg.AssetSelection.assets(*FLOW),
    executor_def=dg.in_process_executor,
    description="From the feeds that are due to the mails that are sent, then the analysts' copy.",
    tags={"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)},
)

rematch = dg.define_asset_job(
    "rematch",
    selection=dg.AssetSelection.assets("mentions", "analysts_copy"),
    executor_def=dg.in_process_executor,
    description="Match the stored texts again after a change of a watch list. Fetches nothing and mails nothing.",
    tags={"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)},
)
