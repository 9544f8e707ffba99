"""What Dagster is told: the graph, the job, what starts by itself, and checks that stop what comes after them."""

import dagster as dg
import pytest

from assets.lineage import ALERTS, ARTICLES, DELIVERIES, ENTRIES, MENTIONS, PAGES
from pipelines.catalogue import GROUPS
from pipelines.checks import CHECKS
from pipelines.definitions import build
from pipelines.jobs import FLOW
from pipelines.looks import LOOKS
from pipelines.settings import ScheduleSettings
from warehouse.catalogue import columns


@pytest.fixture(scope="module")
def definitions():
    return build(times=ScheduleSettings(ingest="15 * * * *"))


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
        "attachments": ["articles", "deliveries"],
        "analysts_copy": ["alerts", "articles", "attachments", "deliveries", "mentions"],
        "search_index": ["analysts_copy"],
        "heartbeat": ["search_index"],
    }


def test_every_asset_says_what_it_does(definitions):
    assert all(spec.description and len(spec.description) > 80 for spec in definitions.resolve_all_asset_specs())


def test_the_schedules_and_the_sensors_start_running(definitions):
    repository = definitions.get_repository_def()
    schedules = {schedule.name: (schedule.job_name, schedule.cron_schedule) for schedule in repository.schedule_defs}
    assert schedules == {
        "ingest": ("monitor", "15 * * * *"),
        "full_poll": ("monitor", "40 3 * * 0"),
        "digests": ("digests", "7,22,37,52 * * * *"),
        "publication": ("publication", "50 * * * *"),
        "retention": ("retention", "20 4 * * *"),
        "backup": ("backup", "50 4 * * *"),
    }
    assert {schedule.default_status for schedule in repository.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}
    assert {sensor.name for sensor in repository.sensor_defs} == {"watchlist_changed", "sources_changed", "run_failed", "check_warned"}
    assert {sensor.default_status for sensor in repository.sensor_defs} == {dg.DefaultSensorStatus.RUNNING}
    # Without partitions Dagster makes up for missed ticks by one, however many they were.
    assert all(repository.get_job(job).partitions_def is None for job, _ in schedules.values())


def test_every_job_explains_itself_and_ends_in_time(definitions):
    for job in definitions.get_repository_def().get_all_jobs():
        if not job.name.startswith("__"):
            assert len(job.description) > 40
            assert job.tags["dagster/max_runtime"] == "1800"


def test_the_job_runs_the_whole_flow_in_one_process(definitions):
    job = definitions.resolve_job_def("monitor")
    assert job.executor_def.name == "in_process"
    assert set(FLOW) <= {node.name for node in job.nodes}


def test_checks_of_what_must_never_be_stop_what_comes_after_them_and_the_others_do_not(definitions):
    checks = [spec for check in definitions.asset_checks for spec in check.check_specs]
    assert {spec.name for spec in checks if spec.blocking} == set(CHECKS)
    assert {spec.name for spec in checks if not spec.blocking} == set(LOOKS)
    assert all(len(spec.description) > 25 for spec in checks)


def test_the_groups_tell_the_story_and_every_table_explains_its_columns(definitions):
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    assert list(dict.fromkeys(specs[name].group_name for name in FLOW)) == list(GROUPS)
    assert all(spec.owners and spec.kinds and spec.code_version for spec in specs.values())
    for name in ("feeds", "entries", "pages", "articles", "mentions", "alerts", "deliveries"):
        schema = dg.MetadataValue.table_schema(specs[name].metadata["dagster/column_schema"]).schema
        assert all(column.description for column in schema.columns), name


def test_the_column_lineage_names_columns_that_there_are():
    for lineage in (ENTRIES, PAGES, ARTICLES, MENTIONS, ALERTS, DELIVERIES):
        for origins in lineage.deps_by_column.values():
            for origin in origins:
                assert origin.column_name in {column.name for column in columns()[origin.asset_key.to_user_string()]}


@pytest.mark.parametrize(
    ("name", "given", "steps"),
    [
        ("poll_now", {"sources": ["rand"]}, {"feeds": {"sources": ["rand"], "full": False}, "pages": {"sources": ["rand"]}}),
        (
            "history",
            {"sources": ["rand"], "begin": True},
            {"read_history": {"sources": ["rand"], "begin": True, "pages": 0, "back_to": ""}},
        ),
        ("reread", {"first": "texts"}, {"read_archive_anew": {"first": "texts", "take_over": False}}),
        ("rehearsal", {"day": "2026-03-02"}, {"rehearse_day": {"day": "2026-03-02", "days": 1, "subscriptions": []}}),
    ],
)
def test_a_job_by_hand_is_asked_for_by_fields_at_the_top_each_with_what_it_means(definitions, name, given, steps):
    job = definitions.resolve_job_def(name)
    told = dg.validate_run_config(job, given)["ops"]
    assert {step: {key: told[step]["config"][key] for key in keys} for step, keys in steps.items()} == steps
    fields = job.config_mapping.config_schema.as_field().config_type.fields
    assert set(given) < set(fields)
    assert all(field.description and not field.is_required for field in fields.values())
