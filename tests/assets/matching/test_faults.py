"""The faults of matching (M79 to M83), each on the shipped day-one list: spellings, ambiguity, boilerplate, size, bad entities."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.matching.compiling import aliases_of, compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.packs import DAY_ONE
from assets.matching.scripts import script_of
from assets.matching.watchlist import load_watchlist, parse_watchlist
from warehouse.errors import ConfigError

LANGUAGES = ("en", "ru", "uk", "fr", "de", "es", "ar", "zh")
NAMES = sorted(
    {
        (alias.text, alias.language)
        for entity in load_watchlist([DAY_ONE]).entities
        for alias in aliases_of(entity, LANGUAGES)
        if alias.language
    }
)
LOOKALIKES = str.maketrans("АВЕКМНОРСТХаеорсх", "ABEKMHOPCTXaeopcx")


def one_foreign_letter(text: str) -> str:
    """The text with the first Cyrillic letter that has a Latin double replaced by it, in a word of more than two letters."""
    for match in re.finditer(r"[а-яА-ЯёЁ]{3,}", text):
        for at in range(match.start(), match.end()):
            changed = text[at].translate(LOOKALIKES)
            if changed != text[at] and not match.group().translate(LOOKALIKES).isascii():
                return text[:at] + changed + text[at + 1 :]
    return text


SPELLINGS = {
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "soft hyphens": "\u00ad".join,
    "zero-width spaces": "\u200b".join,
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "broken lines": lambda text: text.replace(" ", "\n"),
    "typographic": lambda text: text.replace("'", "’").replace("-", "\u2011"),
    "one letter of another script": one_foreign_letter,
}


@pytest.mark.fault("M79")
@pytest.mark.parametrize("spelling", SPELLINGS)
@given(name=st.sampled_from(NAMES))
def test_m79_every_name_is_found_in_every_spelling(day_one_matcher, spelling, name):
    text, language = name
    spelt = SPELLINGS[spelling](text)
    plain = {hit.entity for hit in day_one_matcher.find(text, language=language)}
    assert {hit.entity for hit in day_one_matcher.find(spelt, language=language)} == plain


@pytest.mark.fault("M79")
@given(name=st.sampled_from([name for name in NAMES if script_of(name[0]) != "unspaced"]), letter=st.sampled_from("ойaeх"))
def test_m79_a_name_inside_a_longer_word_is_no_mention(day_one_matcher, name, letter):
    text, language = name
    glued = f"{letter}{text}"
    assert all(hit.start > 0 for hit in day_one_matcher.find(glued, language=language))


@pytest.mark.fault("M82")
@pytest.mark.parametrize("name", ["(a+)+$ Bank", "x{1,99999}y", "[z-a] Group", "^(Corp|)+"])
def test_m82_a_name_is_never_a_regular_expression(name):
    watchlist = parse_watchlist(f"entities: [{{id: odd, labels: {{en: {{names: ['{name}']}}}}}}]")
    matcher = Matcher(compile_watchlist(watchlist, ["en"]))
    assert matcher.find("a" * 50_000 + "! " + "CorpCorp", language="en") == []


@pytest.mark.fault("M82")
def test_m82_a_shared_first_word_costs_ten_thousand_names_nothing(monkeypatch):
    from assets.matching import matcher as module

    names = [f"Institute {first}{second}" for first in "BCDFGHJKLM" for second in map(str, range(1000))]
    matcher = Matcher(compile_watchlist(parse_watchlist(f"entities: [{{id: many, labels: {{en: {{names: {names}}}}}}}]"), ["en"]))
    looked_up = []
    monkeypatch.setattr(module, "gap_fits", lambda *gaps: looked_up.append(gaps) or True)
    found = matcher.find("Institute and " * 1000 + "Institute B7", language="en")
    assert [hit.name for hit in found] == ["Institute B7"]
    assert len(looked_up) == 1


@pytest.mark.fault("M83")
@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("  - id: bad\n    labels: {en: {names: ['']}}\n", "empty name"),
        ("  - id: bad\n    labels: {en: {names: [X]}}\n", "one character"),
        ("  - id: bad\n    from: cldr:QQ\n", "no territory 'QQ'"),
        ("  - id: bad\n    labels: {en: {nams: [Bad]}}\n", "nams"),
    ],
)
def test_m83_a_bad_entity_among_good_ones_is_named_with_its_line(tmp_path, bad, told):
    good = "entities:\n  - id: good\n    labels: {en: {names: [Good]}}\n"
    path = tmp_path / "list.yaml"
    path.write_text(good + bad + "  - id: last\n    labels: {en: {names: [Last]}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(told)) as caught:
        compile_watchlist(load_watchlist([path]), ["en"])
    assert (caught.value.path, caught.value.line) == (path, caught.value.line)
    assert caught.value.line in {4, 5}
    assert caught.value.hint
