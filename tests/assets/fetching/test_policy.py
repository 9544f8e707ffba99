"""A policy that would misbehave is refused before anything is fetched."""

import pytest

from assets.fetching.records import Fetched, Policy, Request
from warehouse.errors import ConfigError


def test_the_defaults_are_polite_and_say_who_asks():
    policy = Policy(contact="https://tank.example/robot")
    assert policy.agent.endswith("(+https://tank.example/robot)")
    assert (policy.pace_seconds, policy.total_seconds, policy.max_redirects, policy.connect_to) == (1.0, 30.0, 5, {})
    assert (policy.max_bytes("feed"), policy.max_bytes("page")) == (20 * 1024**2, 10 * 1024**2)


@pytest.mark.parametrize("contact", ["", "  ", "https://tank.example/\r\nX: y", "https://tank.example/робот"])
def test_a_contact_that_cannot_stand_in_a_header_is_refused(contact):
    with pytest.raises(ConfigError, match="contact"):
        Policy(contact=contact)


@pytest.mark.parametrize("setting", ["connect_seconds", "total_seconds", "concurrency", "max_feed_bytes", "max_page_bytes"])
@pytest.mark.parametrize("value", [0, -1])
def test_limits_of_nothing_are_refused(setting, value):
    with pytest.raises(ConfigError, match=setting):
        Policy(contact="https://tank.example/", **{setting: value})


def test_a_header_is_found_whatever_its_case_and_absent_ones_are_none():
    fetched = Fetched(Request("http://tank.example/", "feed"), "http://tank.example/", headers=(("eTaG", "1"), ("ETag", "2")))
    assert (fetched.header("etag"), fetched.header("X-None")) == ("1", None)
