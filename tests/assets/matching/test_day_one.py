"""The shipped watch list, on sentences of our own and on the seed article where it is present."""

from pathlib import Path

import pytest

from assets.matching.checking import check
from assets.matching.mentions import find_mentions
from assets.matching.packs import DAY_ONE
from assets.matching.watchlist import load_watchlist

SEED = Path(__file__).parents[4] / "shared" / "data" / "seed-russtrat-csto.txt"


@pytest.fixture(scope="module")
def entities(day_one_matcher):
    return lambda text, language: {hit.entity for hit in day_one_matcher.find(text, language=language)}


def test_nothing_in_it_is_left_to_decide():
    assert check(load_watchlist([DAY_ONE])) == []


def test_it_watches_what_was_asked_for():
    ids = {entity.id for entity in load_watchlist([DAY_ONE]).entities}
    organisations = "csto nato sco eaeu cis brics un osce eu iaea opec asean aukus quad ots taliban isis wagner gazprom un-peacekeeping"
    regions = (
        "central-asia kazakhstan tajikistan kyrgyzstan uzbekistan turkmenistan afghanistan south-caucasus armenia azerbaijan georgia "
        "ukraine belarus moldova turkey syria iran china arctic sahel united-states"
    )
    assert ids == {*organisations.split(), *regions.split()}


@pytest.mark.skipif(not SEED.is_file(), reason="the seed article does not lie beside the checkout")
def test_the_seed_article(day_one_matcher):
    body = SEED.read_text(encoding="utf-8").split("Share on facebook")[0]
    title, _, text = body.partition("\n\n")
    found = {mention.entity: mention.score for mention in find_mentions(day_one_matcher, title=title, text=text, language="en")}
    assert {"csto", "tajikistan", "afghanistan", "central-asia", "un", "united-states"} <= set(found)
    assert not {"turkey", "syria", "sco", "sahel", "cis"} & set(found)
    assert max(found, key=lambda entity: found[entity]) == "csto"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The Central Asian region", {"central-asia"}),
        ("uk", "таджицькі прикордонники й узбецька делегація в ООН", {"tajikistan", "uzbekistan", "un"}),
        ("ar", "الوفد الصيني والرئيس الكازاخستاني وحلف الناتو", {"china", "kazakhstan", "nato"}),
        ("ar", "مجموعة مرتزقة فاغنر؛ ريتشارد فاغنر في الأوبرا بعد ثلاثمئة عام", {"wagner"}),
        ("ar", "ولاية جورجيا؛ اللغة التركية؛ الأمير تركي الفيصل", set()),
        ("en", "Tajik-Afghan border", {"tajikistan", "afghanistan"}),
        ("en", "Moscow hosted President Emomali", set()),
        ("en", "CIS leaders met in Minsk", {"cis", "belarus"}),
        ("en", "A CIS report on immigration", set()),
        ("en", "Georgia's runoff election", set()),
        ("en", "Georgia and NATO", {"georgia", "nato"}),
        ("en", "a quad bike; the Quad; Quad leaders of Japan and India", {"quad"}),
        ("en", "Islamic State fighters; an Islamic state", {"isis"}),
        ("en", "Richard Wagner; the Wagner Group", {"wagner"}),
        ("en", "They told us; the U.S. and the UN", {"united-states", "un"}),
        ("en", "Nigeria and the Niger Delta", set()),
        ("en", "Mali, Niger and AES", {"sahel"}),
        ("en", "data encrypted with AES", set()),
        ("en", "The Minsk agreements", set()),
        ("en", "UN peacekeepers; peacekeeping operations of the CSTO", {"un", "un-peacekeeping", "csto"}),
        ("en", "George Washington; Latin American poets", set()),
        ("en", "Sino-American talks", {"china", "united-states"}),
        ("ru", "в Таджикистане и на таджикско-афганской границе", {"tajikistan", "afghanistan"}),
        ("ru", "кит, кита, киты; Китай", {"china"}),
        ("ru", "тиран и шафран", set()),
        ("ru", "если бы мали; в Мали", {"sahel"}),
        ("ru", "ЧВК «Вагнер», Рихарда Вагнера", {"wagner"}),
        ("ru", "саммит БРИКС, натовские учения, талибы", {"brics", "nato", "taliban"}),
        ("ru", "Совбез ООН и Еврокомиссия", {"un", "eu"}),
        ("ru", "ЕСли", set()),
        ("fr", "L’Otan, l'ONU et un homme", {"nato", "un"}),
        ("fr", "Les talibans au Tadjikistan", {"taliban", "tajikistan"}),
        ("de", "Die Blauhelme der UNO in den Vereinigten Staaten", {"un-peacekeeping", "un", "united-states"}),
        ("es", "EE. UU. y la OTAN en Afganistán", {"united-states", "nato", "afghanistan"}),
        ("zh", "伊斯兰国家；索马里；马里兰", set()),
        ("zh", "发展中国家；东北约三成；其中国有企业", set()),
        ("zh", "上合组织与欧亚经济联盟", {"sco", "eaeu"}),
        ("uk", "у Китаї та Туреччині", {"china", "turkey"}),
        # A sum of money speaks of no country.
        ("en", "Trade reached US$5 billion; a US $3 million loan; US$-denominated bonds; U.S.$200m", set()),
        ("es", "El comercio creció hasta 3 millones", set()),
        ("en", "It gave the US $5 billion; the US dollar fell; $5 billion to the U.S.", {"united-states"}),
        # In a line of capitals an acronym that is no word of its language is still one; dots, a hyphen and an article tell the others.
        ("ru", "США И НАТО", {"united-states", "nato"}),
        ("ru", "США — ОДКБ", {"united-states", "csto"}),
        ("ru", "УЧЕНИЯ США И КИТАЯ", {"united-states", "china"}),
        ("en", "US-CHINA TRADE WAR", {"united-states", "china"}),
        ("en", "U.S. AND CHINA AGREE ON TRADE", {"united-states", "china"}),
        ("en", "WHAT THE US WANTS FROM TRADE", {"united-states"}),
        ("en", "CONTACT US TODAY. TELL US MORE", set()),
        # For and against somebody, in one word; and the first half of a compound.
        ("ru", "антииранские санкции, проукраинской, внутритурецкий", {"iran", "ukraine"}),
        ("uk", "антикитайський закон, проамериканських", {"china", "united-states"}),
        ("de", "proukrainische Kräfte und antichinesische Töne", {"ukraine", "china"}),
        ("fr", "des manifestations antiaméricaines, proturques", {"united-states", "turkey"}),
        ("es", "grupos proiraníes, antiestadounidenses", {"iran", "united-states"}),
        (
            "fr",
            "les relations sino-américaines et américano-chinoises; un axe turco-iranien; arméno-azerbaïdjanais",
            {"china", "united-states", "turkey", "iran", "armenia", "azerbaijan"},
        ),
        ("es", "las relaciones sino-estadounidenses", {"china", "united-states"}),
        ("de", "die sino-indischen Beziehungen", {"china"}),
        ("en", "Turco-Iranian, Armeno-Azerbaijani; a sinologist, Sino", {"turkey", "iran", "armenia", "azerbaijan", "china"}),
        ("ru", "узбекистанцев, таджикистанцами, туркменистанцы", {"uzbekistan", "tajikistan", "turkmenistan"}),
        ("ar", "في إيران والصين", {"iran", "china"}),
    ],
)
def test_what_it_finds(entities, language, text, expected):
    assert entities(text, language) == expected


def test_countries_belong_to_their_regions(day_one):
    assert "central-asia" in day_one.ancestors("kazakhstan")
    assert "south-caucasus" in day_one.ancestors("georgia")
    assert day_one.ancestors("un-peacekeeping") == {"un"}
