"""Names that no watch list knows: what counts as one, and what is new about it."""

import pytest

from assets.matching.caseless import longest_of
from assets.matching.newnames import Sighting, names_in, rank


def keys(text, language="en"):
    return [found.key for found in names_in(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The minister met Gul Agha Sherzai in the town of Spin Boldak.", "en", ["gul agha sherzai", "spin boldak"]),
        ("Nobody came. Everybody left: Some stayed. “Others went”", "en", []),
        ("Talks on TAPI and the TAPI line; the EFTA said no.", "en", ["TAPI", "TAPI", "EFTA"]),
        ("TAPI was built.", "en", ["TAPI"]),
        ("They met on Monday, in October, and left in May.", "en", []),
        ("He read Dostum’s letter and Dostum's book.", "en", ["dostum", "dostum"]),
        ("The Ministry Announces Its New Plan For Roads", "en", []),
        ("MINISTERS MEET IN DOSTUM PALACE AGAIN", "en", []),
        ("В городе Хороге и под Хорогом, у Хорога.", "ru", ["хорог", "хорог", "хорог"]),
        ("Он и Я пошли. Сегодня ничего.", "ru", []),
        ("会议在北京举行", "zh", []),
        ("Χθες ο Κυριάκος Μητσοτάκης μίλησε στη Βουλή για το ΝΑΤΟ.", "el", ["κυριάκος μητσοτάκης", "βουλή", "ΝΑΤΟ"]),
        ("Այսօր հանդիպեց Նիկոլ Փաշինյանը։ Նա լքեց ՀԱՊԿ կազմակերպությունը։", "hy", ["նիկոլ փաշինյանը", "ՀԱՊԿ"]),
        ("გუშინ „ქართული ოცნება“ და NATO შეხვდნენ.", "ka", ["NATO", "ქართული ოცნება"]),
        ("由FBI调查，", "zh", ["FBI"]),
        ("出席《全球安全》发布会。他说：“我们将继续合作，共同发展。”", "zh", ["全球安全"]),
        ("他在中国石油公司。", "zh", ["中国石油公司", "国石油公司", "石油公司"]),
        ("岸田文雄首相は語った。", "ja", ["岸田文雄首相", "田文雄首相", "文雄首相"]),
        (
            "قالت مُنظَّمة شنغهاي للتعاون في بيان، «اتفاق الدوحة» مع NATO",
            "ar",
            ["NATO", "اتفاق الدوحه", "منظمه شنغهاي", "منظمه شنغهاي للتعاون", "اتفاق الدوحه"],
        ),
        ("«قال إنه لن يوقع على أي اتفاق قبل أن تنسحب القوات من البلاد كلها»", "ar", []),
        ("سازمان همکاری شانگهای در تهران", "fa", ["سازمان همكاري", "سازمان همكاري شانگهاي"]),
        ("ארגון הבריאות של האו״ם", "he", ["ארגון הבריאות"]),
        ("", None, []),
    ],
)
def test_what_counts_as_a_name(text, language, expected):
    assert keys(text, language) == expected


@pytest.mark.parametrize(("counts", "names"), [
    ({"上海合作组织": 10, "合作组织": 18, "经济合作组织": 8, "海合作组织": 10, "参加上海合作组织": 3}, {"上海合作组织", "经济合作组织"}),
    ({"حركة طالبان": 20, "حركة طالبان الأفغانية": 3}, {"حركة طالبان"}),
    ({"منظمة شنغهاي": 5, "منظمة شنغهاي للتعاون": 5}, {"منظمة شنغهاي للتعاون"}),
])  # fmt: skip
def test_without_capitals_the_counts_say_how_long_a_name_is(counts, names):
    assert longest_of(counts) == names


def test_a_report_shows_a_name_without_capitals_once():
    text = "外长参加上海合作组织会议。他在上海合作组织说话。"
    given = [
        Sighting(found.key, found.written, "CN", "2021-09-13", str(number), "s")
        for number, verb in enumerate(["参加", "出席", "加入"])
        for found in names_in(text.replace("参加", verb), "zh")
    ]
    assert [(one.name, one.articles, one.script) for one in rank(given, ["2021-09-13"], earlier_weeks=0)] == [
        ("上海合作组织", 3, "unspaced")
    ]


def test_offsets_give_back_what_is_written():
    text = "A line.\n\nThe road to Spin Boldak was shut; the NDS said so."
    assert [text[found.start : found.end] for found in names_in(text, "en")] == ["Spin Boldak", "NDS"]
    assert [found.written for found in names_in(text, "en")] == ["Spin Boldak", "NDS"]


def sightings(key, week, articles, region="KZ", written=None):
    return [Sighting(key, written or key.title(), region, week, f"{key}{week}{number}", f"s{number % 2}") for number in range(articles)]


def test_what_is_new_comes_before_what_is_always_named():
    weeks = ["2021-09-13"]
    old = [one for week in ("2021-08-30", "2021-09-06") for one in sightings("always", week, 4)]
    found = rank(
        [*old, *sightings("always", weeks[0], 4), *sightings("fresh", weeks[0], 3), *sightings("once", weeks[0], 1)], weeks, earlier_weeks=2
    )
    assert [(one.name, one.articles, one.sources, one.before, one.novelty) for one in found] == [
        ("Fresh", 3, 2, 0, 2.0),
        ("Always", 4, 2, 8, 0.0),
    ]


def test_regions_are_counted_apart_and_the_usual_spelling_is_shown():
    week = "2021-09-13"
    given = [*sightings("x", week, 2, written="Хорогом"), *sightings("x", week, 3, region="RU", written="Хорог")]
    assert [(one.region, one.name, one.articles) for one in rank(given, [week], earlier_weeks=0)] == [
        ("RU", "Хорог", 3),
        ("KZ", "Хорог", 2),
    ]


def test_a_name_counts_in_every_region_that_holds_its_country():
    week = "2021-09-13"
    given = [*sightings("NDS", week, 2), *(one._replace(article_id="other") for one in sightings("NDS", week, 1, region="UZ"))]
    given += sightings("NDS", "2030-01-07", 5)
    found = rank(given, [week], earlier_weeks=0, above={"KZ": ("central-asia", "asia"), "UZ": ("central-asia",)})
    assert [(one.level, one.region, one.articles, one.before) for one in found] == [
        ("region", "central-asia", 3, 0),
        ("region", "asia", 2, 0),
        ("country", "KZ", 2, 0),
    ]
