"""The `heartbeat` asset: say that a run was good, to whoever watches from outside."""

import dagster as dg

from assets.fetching.posting import post
from assets.flow import Flow
from assets.goodrun import write_good_run


@dg.asset(group_name="publish", kinds={"http"}, code_version="1", deps=["search_index"])
def heartbeat(context: dg.AssetExecutionContext, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Writes down that this run was good, and asks the address of the setting `monitoring.heartbeat`, if there is one.

    It comes last: a step that failed or a red check stops the run before it. A service outside that misses the request
    (healthchecks.io, Uptime Kuma and the like) knows what this machine cannot say itself: that it is down. The request
    goes through the guard, as all do; one that fails is shown here and fails nothing.
    """
    said = beat(flow, context.run_id)
    return dg.MaterializeResult(metadata={"good_run": flow.now().isoformat(), "address": flow.heartbeat or "none is set", "answer": said})


def beat(flow: Flow, run_id: str) -> str:
    """Write the good run down and ask the address; what came of it, in words."""
    if flow.good_run:
        write_good_run(flow.good_run, run_id, flow.now())
    if not flow.heartbeat:
        return "not asked"
    answer, _ = post(flow.heartbeat, {"Content-Type": "text/plain"}, b"ok\n", flow.policy, flow.now())
    if answer.fault:
        return f"failed: {answer.fault.message}"
    return f"{answer.status}"
