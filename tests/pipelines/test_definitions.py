"""What Dagster is told: the graph, the job, what starts by itself, and checks that stop what comes after them."""

import dagster as dg
import pytest

from pipelines.definitions import build
from pipelines.jobs import FLOW


@pytest.fixture(scope="module")
def definitions():
    return build(cron="15 * * * *")


def test_the_graph_is_the_flow(definitions):
    graph = definitions.resolve_asset_graph()
    parents = {
        key.to_user_string(): sorted(parent.to_user_string() for parent in graph.get(key).parent_keys) for key in graph.get_all_asset_keys()
    }
    assert parents == {
        "feeds": [],
        "entries": ["feeds"],
        "pages": ["entries"],
        "articles": ["pages"],
        "mentions": ["articles"],
        "alerts": ["mentions"],
        "deliveries": ["alerts"],
        "analysts_copy": ["alerts", "articles", "deliveries", "mentions"],
        "search_index": ["analysts_copy"],
    }


def test_every_asset_says_what_it_does(definitions):
    assert all(spec.description and len(spec.description) > 80 for spec in definitions.resolve_all_asset_specs())


def test_the_schedule_and_the_sensors_start_running(definitions):
    repository = definitions.get_repository_def()
    (schedule,) = repository.schedule_defs
    assert (schedule.name, schedule.job_name, schedule.cron_schedule) == ("ingest", "monitor", "15 * * * *")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs} == {
        "watchlist_changed": dg.DefaultSensorStatus.RUNNING,
        "run_failed": dg.DefaultSensorStatus.RUNNING,
    }


def test_the_job_runs_the_whole_flow_in_one_process(definitions):
    job = definitions.resolve_job_def("monitor")
    assert job.executor_def.name == "in_process"
    assert set(FLOW) <= {node.name for node in job.nodes}


def test_checks_stop_what_comes_after_them(definitions):
    checks = [spec for check in definitions.asset_checks for spec in check.check_specs]
    assert len(checks) == 6
    assert [spec.name for spec in checks if not spec.blocking] == ["extraction_steady"]
