"""The registry that ships: every file of it can be read, and none is enabled that nobody has seen working or the law may forbid."""

import csv

import pytest

from assets.sources.registry import load_sources, registry_folder, registry_ids

SANCTIONED = {"katehon", "strategic-culture", "neo"}


@pytest.fixture(scope="module")
def shipped():
    return {source.id: source for source in load_sources([registry_folder()])}


def test_every_file_is_named_by_its_id_and_says_what_the_flow_needs(shipped):
    assert sorted(shipped) == registry_ids()
    assert len(shipped) == 163
    for source in shipped.values():
        assert source.country, source.id
        assert source.languages, source.id
        assert source.home, source.id
        assert source.timezone, source.id
        assert source.confidence, source.id


def test_what_is_off_says_why_and_what_is_on_says_who_saw_it_working(shipped):
    for source in shipped.values():
        assert source.enabled == (source.disabled_because is None), source.id
        assert "reported working" in (source.notes or "") or not source.enabled, source.id


def test_outlets_on_a_sanctions_list_are_off_with_a_legal_note(shipped):
    assert {source.id for source in shipped.values() if source.legal_note} == SANCTIONED
    assert not any(shipped[source_id].enabled for source_id in SANCTIONED)


def test_russtrat_says_that_its_address_is_unconfirmed(shipped):
    assert not shipped["russtrat"].enabled
    assert "NOT CONFIRMED" in shipped["russtrat"].disabled_because
    assert shipped["russtrat"].confidence == "low"


def test_no_two_sources_poll_the_same_address(shipped):
    addresses = [feed.url for source in shipped.values() for feed in source.feeds]
    assert len(addresses) == len(set(addresses))


def test_the_files_agree_with_the_data_that_they_were_made_from(shipped, benchmarks):
    with (benchmarks.parent / "data" / "sources.csv").open(encoding="utf-8") as file:
        rows = {row["id"].replace("_", "-"): row for row in csv.DictReader(file)}
    assert rows.keys() == shipped.keys()
    for source_id, row in rows.items():
        source = shipped[source_id]
        assert (source.name, source.country, source.home) == (row["name"], row["country"], row["home"])
        assert set(source.languages) == set(row["languages"].split(","))
        assert [feed.url for feed in source.feeds] == [row["feed_url"]] * bool(row["feed_url"])
        assert source.enabled == (row["recorded_success"] == "yes"), source_id
