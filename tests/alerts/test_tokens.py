"""Signed links: what opens, and what does not."""

import pytest

from alerts.tokens import Grant, Signer

OLD, NEW = "an old key of the tests", "a new key of the tests"
GRANT = Grant("desk", ("csto", "nato"))


@pytest.mark.fault("E99")
def test_e99_keys_can_be_rotated():
    token = Signer([OLD]).sign("unsubscribe", GRANT)
    rotated = Signer([NEW, OLD])
    assert rotated.read("unsubscribe", token) == GRANT
    assert rotated.sign("unsubscribe", GRANT) == Signer([NEW]).sign("unsubscribe", GRANT) != token
    assert Signer([NEW]).read("unsubscribe", token) is None


@pytest.mark.fault("E99")
def test_e99_forged_damaged_and_borrowed_tokens_open_nothing():
    signer = Signer([NEW])
    token = signer.sign("unsubscribe", GRANT)
    assert signer.read("preferences", token) is None
    for wrong in (
        "",
        "x",
        ".",
        token[:-1],
        token + "x",
        token.swapcase(),
        token.replace(".", ""),
        "é" * 9,
        Signer([OLD]).sign("unsubscribe", GRANT),
    ):
        assert signer.read("unsubscribe", wrong) is None
    assert Signer([]).read("unsubscribe", token) is None


def test_tags_know_no_case_and_outlive_a_rotation():
    tag = Signer([OLD]).tag("d1")
    assert Signer([NEW, OLD]).tagged("d1", tag.upper())
    assert not Signer([NEW, OLD]).tagged("d2", tag)
    assert not Signer([NEW]).tagged("d1", tag)
