"""What a rule says of an article, as tables."""

from dataclasses import replace

import pytest

from alerts.records import Only
from alerts.rules import judge, named

# Sentences 1 and 2 stand in one paragraph, 3 and 4 in another.
NEAR = "The CSTO met in Dushanbe.\n\nNATO did not."
ONE_PARAGRAPH = "The CSTO met. It was in Dushanbe.\n\nNATO did not."
TWO_PARAGRAPHS = "The CSTO met.\n\nIt was in Dushanbe."

TABLE = [
    # text, groups, changes of the rule, hit, reason
    ("The CSTO met.", ["csto"], {}, True, "names CSTO"),
    ("Nobody met.", ["csto"], {}, False, "names nothing that is watched"),
    ("The CSTO met.", ["csto", "nato"], {}, False, "does not name NATO"),
    ("The CSTO met.", ["csto|nato"], {}, True, "names CSTO"),
    ("Talks in Dushanbe.", ["central-asia"], {}, True, "names Tajikistan"),
    ("Talks in Dushanbe.", ["central-asia"], {"reach": {}}, False, "names nothing that is watched"),
    ("Talks in Central Asia.", ["tajikistan"], {}, False, "names nothing that is watched"),
    ("The CSTO met NATO.", ["csto"], {"none": ("nato",)}, False, "names NATO, which is excluded"),
    ("The CSTO met in Dushanbe.", ["csto"], {"none": ("central-asia",)}, False, "names Tajikistan, which is excluded"),
    ("The CSTO met.", ["csto"], {"none": ("nato",)}, True, "names CSTO"),
    (NEAR, ["csto", "tajikistan"], {"within": "sentence"}, True, "names CSTO and Tajikistan in one sentence"),
    (ONE_PARAGRAPH, ["csto", "tajikistan"], {"within": "sentence"}, False, "never in one sentence"),
    (ONE_PARAGRAPH, ["csto", "tajikistan"], {"within": "paragraph"}, True, "names CSTO and Tajikistan in one paragraph"),
    (TWO_PARAGRAPHS, ["csto", "tajikistan"], {"within": "paragraph"}, False, "never in one paragraph"),
    (TWO_PARAGRAPHS, ["csto", "tajikistan"], {}, True, "names CSTO and Tajikistan"),
    (TWO_PARAGRAPHS, ["csto", "tajikistan"], {"within": "4 words"}, True, "names CSTO and Tajikistan within 4 words"),
    (TWO_PARAGRAPHS, ["csto", "tajikistan"], {"within": "3 words"}, False, "never within 3 words"),
    (NEAR, ["csto", "tajikistan", "nato"], {"within": "sentence"}, False, "never in one sentence"),
    (NEAR, ["csto", "tajikistan", "nato"], {"within": "3 words"}, True, "names CSTO, Tajikistan and NATO within 3 words"),
    ("CSTO 决定在会议上讨论与各国有关的许多问题 NATO", ["csto", "nato"], {"within": "5 words"}, False, "never within 5 words"),
    (
        "CSTO 决定在会议上讨论与各国有关的许多问题 NATO",
        ["csto", "nato"],
        {"within": "10 words"},
        True,
        "names CSTO and NATO within 10 words",
    ),
    ("CSTO and CSTO.", ["csto"], {"min_mentions": 2}, True, "names CSTO 2 times"),
    ("CSTO and NATO.", ["csto|nato"], {"min_mentions": 2}, True, "names CSTO and NATO"),
    ("CSTO, CSTO and NATO.", ["csto", "nato"], {"min_mentions": 2}, False, "named 1 times, 2 are asked for"),
    ("Afghan fields.", ["afghanistan"], {"via": ("name", "acronym")}, False, "0 of 1 mentions are by name or acronym"),
    ("Afghan fields.", ["afghanistan"], {"via": ("demonym",)}, True, "names Afghanistan"),
    ("The CSTO met.", ["csto"], {"zones": ("title",)}, False, "0 of 1 mentions stand in title"),
    ("The CSTO met.", ["csto"], {"zones": ("title", "body")}, True, "names CSTO"),
    ("The CSTO met.", ["csto"], {"sources": Only(("other",))}, False, "the source is russtrat (asked for: other)"),
    ("The CSTO met.", ["csto"], {"sources": Only((), ("russtrat",))}, False, "the source is russtrat (excluded: russtrat)"),
    ("The CSTO met.", ["csto"], {"sources": Only((), ("other",))}, True, "names CSTO"),
    ("The CSTO met.", ["csto"], {"countries": Only(("RU", "BY"))}, True, "names CSTO"),
    ("The CSTO met.", ["csto"], {"countries": Only(("BY",))}, False, "the source's country is RU (asked for: BY)"),
    ("The CSTO met.", ["csto"], {"languages": Only(("ru",))}, False, "the language is en (asked for: ru)"),
    ("The CSTO met.", ["csto"], {"min_salience": 0.5}, True, "names CSTO"),
    ("The CSTO met.", ["csto"], {"min_salience": 0.9}, False, "salience 0.60, 0.9 is asked for"),
    ("The CSTO met NATO.", ["csto", "nato"], {"min_salience": 0.5}, False, "salience 0.00, 0.5 is asked for"),
]


@pytest.mark.parametrize(("text", "groups", "changes", "hit", "reason"), TABLE)
def test_rule(newsroom_desk, text, groups, changes, hit, reason):
    candidate = newsroom_desk.candidate(title="Talks", text=text, salience={"csto": 0.6})
    rule = newsroom_desk.subscription(*groups, **changes).rule
    verdict = judge(rule, candidate)
    assert (verdict.hit, verdict.reason) == (hit, reason)
    assert bool(verdict.mention_ids) is bool(verdict.entities) is hit
    assert all(gate.why for gate in verdict.gates)
    assert all(gate.passed for gate in verdict.gates) is hit


@pytest.mark.parametrize(("language", "hit"), [("ru", True), ("ru-RU", True), ("RU", True), ("rus", False), (None, False)])
def test_language_is_compared_by_its_first_part(newsroom_desk, language, hit):
    candidate = newsroom_desk.candidate(language=language)
    assert judge(newsroom_desk.subscription("csto", languages=Only(("ru",))).rule, candidate).hit is hit


def test_unknown_language_passes_where_one_is_only_excluded(newsroom_desk):
    rule = newsroom_desk.subscription("csto", languages=Only((), ("zh",))).rule
    assert judge(rule, newsroom_desk.candidate(language=None)).hit


def test_title_counts_and_is_no_part_of_the_first_paragraph(newsroom_desk):
    candidate = newsroom_desk.candidate(title="The CSTO meets", text="Talks in Dushanbe.")
    assert judge(newsroom_desk.subscription("csto", "tajikistan").rule, candidate).hit
    assert judge(newsroom_desk.subscription("csto", zones=("title",)).rule, candidate).hit
    for within in ("sentence", "paragraph", "50 words"):
        assert not judge(newsroom_desk.subscription("csto", "tajikistan", within=within).rule, candidate).hit


def test_silent_mentions_never_count_and_the_gate_says_so(newsroom_desk):
    candidate = newsroom_desk.candidate()
    silent = replace(candidate, mentions=tuple(replace(one, alerting=False) for one in candidate.mentions))
    verdict = judge(newsroom_desk.subscription("csto").rule, silent)
    assert not verdict.hit
    assert verdict.reason == "0 of 2 mentions stand where a mention counts, not in a dateline or byline"
    assert named(newsroom_desk.subscription("csto").rule, silent)
    # Nor do they exclude.
    excluded = replace(candidate, mentions=tuple(replace(one, alerting=one.entity != "nato") for one in candidate.mentions))
    assert judge(newsroom_desk.subscription("csto", none=("nato",)).rule, excluded).hit


def test_only_mentions_near_each_other_are_the_cause(newsroom_desk):
    text = "The CSTO met.\n\nThe CSTO came to Dushanbe.\n\nDushanbe slept."
    candidate = newsroom_desk.candidate(title="Talks", text=text)
    verdict = judge(newsroom_desk.subscription("csto", "central-asia", within="sentence").rule, candidate)
    cause = [mention for mention in candidate.mentions if mention.mention_id in verdict.mention_ids]
    assert [(mention.matched, mention.start) for mention in cause] == [("CSTO", 19), ("Dushanbe", 32)]
    assert verdict.entities == ("csto", "tajikistan")


def test_entities_come_in_the_order_of_the_rule(newsroom_desk):
    candidate = newsroom_desk.candidate(title="Talks", text="NATO, Dushanbe, CSTO.")
    assert judge(newsroom_desk.subscription("csto", "nato|central-asia").rule, candidate).entities == ("csto", "nato", "tajikistan")


def test_every_gate_explains_itself(newsroom_desk):
    rule = newsroom_desk.subscription(
        "csto", "tajikistan", none=("nato",), within="sentence", min_mentions=2, zones=("body",), countries=Only(("BY",))
    ).rule
    gates = judge(rule, newsroom_desk.candidate()).gates
    assert [(gate.gate, gate.passed) for gate in gates] == [
        ("named", True),
        ("zones", True),
        ("watch", True),
        ("within", True),
        ("min_mentions", False),
        ("none", False),
        ("countries", False),
    ]


def test_four_thousand_mentions_are_judged(newsroom_desk):
    text = "\n\n".join("The CSTO came to Dushanbe again and again." for _ in range(2000))
    candidate = newsroom_desk.candidate(title="Talks", text="x " + text)
    assert len(judge(newsroom_desk.subscription("csto", "tajikistan", within="paragraph").rule, candidate).mention_ids) == 4000


@pytest.mark.parametrize(
    ("asked", "page", "wrote"),
    [
        ("Jose Alvarez", "José Álvarez", True),
        ("José Álvarez", "Jose\u0301 Alvarez", True),
        ("Sinem Adar", "ADAR, Sinem", True),
        ("Семён Петров", "Петров Семен Ильич", True),
        ("Jose Alvarez", "José Martínez", False),
    ],
)
def test_an_author_is_known_whatever_accents_are_written(newsroom_desk, asked, page, wrote):
    rule = newsroom_desk.subscription("csto", authors=Only((asked,))).rule
    assert judge(rule, newsroom_desk.candidate(title="Talks", text="The CSTO met.", authors=(page,))).hit == wrote
