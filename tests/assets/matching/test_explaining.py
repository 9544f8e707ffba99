import pytest

from assets.matching.explaining import trace, why


@pytest.mark.parametrize(
    ("entity", "text", "language", "told"),
    [
        ("tajikistan", "в Таджикистане", "ru", "counts: 'Таджикистане' at 2: a form of the name Таджикистан"),
        ("tajikistan", "nothing", "en", "no form of tajikistan stands in the text"),
        ("turkey", "We ate turkey", "en", "the capitals differ: the watch list writes Turkey"),
        ("georgia", "Atlanta, Georgia, near Russia", "en", "excluded phrase: Atlanta, Georgia"),
        ("georgia", "Georgia votes", "en", "neighbours is there: Tbilisi, Russia, Caucasus within 60 characters"),
        ("sudan", "South Sudan", "en", "excluded phrase: South Sudan"),
        ("us", "https://example.org/US", "en", "address"),
        ("us", "the U.S.S.R. fell", "en", "longer row"),
        ("who", "DOCTORS WHO REFUSED", "en", "capitals too"),
        ("csto", "l'OTSC", "en", "searched in fr texts only"),
        ("us", "американо", "ru", "before a hyphen"),
        ("tajikistan", "タジキスタンズ", "ja", "part of a longer word"),
    ],
)
def test_each_verdict_has_its_reason(watched, entity, text, language, told):
    reasons = why(watched, entity, text, language=language)
    assert any(told in reason for reason in reasons)


@pytest.mark.parametrize("text", ["Georgia and Russia", "Sudan and South Sudan", "US us U.S. https://example.org/US", "ОДКБ"])
def test_the_explanation_agrees_with_the_matcher(watched, matcher, text):
    for entity in ("georgia", "sudan", "us", "csto"):
        explained = [(place.start, place.end) for place in trace(matcher, entity, text, language="en") if place.counts]
        assert explained == [(hit.start, hit.end) for hit in matcher.find(text, language="en") if hit.entity == entity]
