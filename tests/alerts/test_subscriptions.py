"""The subscription files: what they become, and what is said of every fault."""

from datetime import time

import pytest

from alerts.phrases import LANGUAGES, PHRASES
from alerts.records import Only
from alerts.schedule import Schedule
from alerts.subscriptions import load_subscriptions
from alerts.wording import wording
from warehouse.errors import ConfigError

PARENTS = {"csto": (), "nato": (), "central-asia": (), "tajikistan": ("central-asia",), "pamir": ("tajikistan",), "afghanistan": ()}
LABELS = {
    "csto": {"en": "CSTO", "ru": "ОДКБ"},
    "nato": {"en": "NATO"},
    "central-asia": {"en": "Central Asia", "ru": "Центральная Азия"},
}
SUBSCRIBER = "subscribers:\n  - {id: desk, address: desk@institute.example, name: Desk, language: %s}\n"


@pytest.fixture
def load(tmp_path):
    def load(*texts: str, **given):
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"subscriptions-{number}.yaml")
            paths[-1].write_text(text, encoding="utf-8")
        return load_subscriptions(paths, **({"parents": PARENTS, "labels": LABELS} | given))

    return load


def one(load, rule: str, language: str = "en", **given):
    (subscription,) = load(SUBSCRIBER % language + f"subscriptions:\n  - {{id: watch, subscriber: desk, {rule}}}\n", **given)
    return subscription


def test_subscriber_and_subscription_may_stand_in_two_files(load):
    (subscription,) = load(
        "subscriptions:\n  - {id: csto, subscriber: anna, watch: {any: [csto]}}\n",
        "subscribers:\n  - {id: anna, address: a@desk.example, name: Анна, language: ru, timezone: Europe/Moscow, channel: eml}\n",
    )
    assert subscription.subscriber.name == "Анна"
    assert subscription.subscriber.timezone == "Europe/Moscow"
    assert subscription.subscriber.channel == "eml"
    assert subscription.words == "ОДКБ"
    assert subscription.active


def test_channel_is_the_operators_unless_the_subscriber_names_one(load):
    assert one(load, "watch: {any: [csto]}", default_channel="eml").subscriber.channel == "eml"


def test_children_of_every_depth_are_reached_unless_switched_off(load):
    assert one(load, "watch: {any: [central-asia]}").rule.reached(["central-asia"]) == {"central-asia", "tajikistan", "pamir"}
    alone = one(load, "watch: {any: [central-asia]}, include_children: false")
    assert alone.rule.reached(["central-asia"]) == {"central-asia"}


def test_watch_list_that_goes_in_a_circle_is_followed_once(load):
    circle = {"a": ("b",), "b": ("a",)}
    assert one(load, "watch: {any: [a]}", parents=circle).rule.reached(["a"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("rule", "english", "russian"),
    [
        ("watch: {any: [csto]}", "CSTO", "ОДКБ"),
        (
            "watch: {all: [csto, central-asia]}, within: paragraph, languages: [ru, en]",
            "CSTO and any of Central Asia in one paragraph, in Russian or English",
            "ОДКБ и Центральная Азия (любая часть) в одном абзаце, язык: русский или английский",
        ),
        (
            "watch: {all: [csto, nato]}, within: 30",
            "CSTO and NATO within 30 words of each other",
            "ОДКБ и NATO на расстоянии не более слов: 30",
        ),
        (
            "watch: {all: [[csto, nato], tajikistan], none: [afghanistan]}, include_children: false, within: 30 words",
            "(CSTO or NATO) and Tajikistan within 30 words of each other, but not Afghanistan",
            "(ОДКБ или NATO) и Tajikistan на расстоянии не более слов: 30, но не Afghanistan",
        ),
        (
            "watch: {any: [csto, nato]}, min_mentions: 3, min_salience: 0.5",
            "CSTO or NATO, named at least 3 times, central to the article (0.5 of 1 or more)",
            "ОДКБ или NATO, упоминаний не менее 3, в центре статьи (0.5 из 1 или больше)",
        ),
        (
            "watch: {any: [csto]}, zones: [title, body], via: [name, acronym]",
            "CSTO, in the title or body, by name or acronym only",
            "ОДКБ, где: заголовок или основной текст, только как название или сокращение",
        ),
        (
            "watch: {any: [csto]}, sources: {none: [russtrat]}, countries: [RU, CN], languages: {none: [zh]}",
            "CSTO, not from russtrat, from sources in Russia or China, not in Chinese",
            "ОДКБ, кроме источника: russtrat, страна источника: Россия или Китай, кроме языка: китайский",
        ),
    ],
)
def test_rule_in_words(load, rule, english, russian):
    assert one(load, rule).words == english
    assert one(load, rule, "ru").words == russian


def test_limits_may_be_a_list_or_a_mapping(load):
    rule = one(load, "watch: {any: [csto]}, sources: [a, b], countries: {any: [RU], none: [BY]}", sources={"a", "b"}).rule
    assert rule.sources == Only(("a", "b"))
    assert rule.countries == Only(("RU",), ("BY",))


FAULTS = {
    "watch: {any: [cstu]}": ("no such entity in the watch list: cstu", "did you mean csto?"),
    "watch: {all: [csto, [nato, afganistan]]}": ("no such entity in the watch list: afganistan", "did you mean afghanistan"),
    "watch: {none: [csto]}": ("nothing is asked for", "any: or all:"),
    "watch: {all: [[]]}": ("nothing is asked for", ""),
    "watsh: {any: [csto]}": ("unknown key: watsh", "did you mean watch?"),
    "watch: {any: [csto], nono: [nato]}": ("unknown key: nono", "did you mean none?"),
    "watch: {any: [csto]}, sources: {some: [a]}": ("unknown key: some", ""),
    "watch: {any: [csto]}, sources: [rustrat]": ("sources: no such one: rustrat", "did you mean russtrat?"),
    "watch: {any: [csto]}, frequency: sometimes": ("frequency", ""),
    "watch: {any: [csto]}, within: sentence": ("needs two things", ""),
    "watch: {all: [csto, nato]}, within: 0 words": ("cannot be '0 words'", "30 words"),
    "watch: {all: [csto, nato]}, within: 501 words": ("cannot be '501 words'", "1 to 500"),
    "watch: {all: [csto, nato]}, within: 501": ("cannot be '501 words'", "1 to 500"),
    "watch: {all: [csto, nato]}, within: page": ("cannot be 'page'", "paragraph"),
    "watch: {any: [csto]}, min_mentions: 0": ("min_mentions", ""),
    "watch: {any: [csto]}, min_salience: 2": ("min_salience", ""),
    "watch: {any: [csto]}, zones: [footer]": ("zones", ""),
    "watch: {any: [csto]}, via: [child]": ("via", ""),
    "watch: {any: [csto]}, languages: [Russian]": ("languages", ""),
    "watch: {any: [csto]}, countries: [Russia]": ("countries", ""),
    "watch: csto": ("watch", ""),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_fault_in_a_rule_names_its_line(load, rule):
    message, hint = FAULTS[rule]
    with pytest.raises(ConfigError) as caught:
        one(load, rule, sources={"russtrat"})
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("subscriber", "message"),
    [
        ("{id: Desk One, address: a@b.example, name: D}", "id"),
        ("{id: d, address: 'a@b', name: D}", "not a mail address"),
        ("{id: d, address: 'a@b.example>, <c@d.example', name: D}", "not a mail address"),
        ("{id: d, address: 'D <a@b.example>', name: D}", "not a mail address"),
        ("{id: d, address: 'a..b@c.example', name: D}", "not a mail address"),
        ("{id: d, address: анна@пример.example, name: D}", "not a mail address"),
        ('{id: d, address: "a@b.example\\nBcc: c@d.example", name: D}', "not a mail address"),
        ("{id: d, name: D}", "mail needs an address"),
        ("{id: d, address: 'https://[x', name: D, channel: webhook}", "no address: 'https://[x'"),
        ("{id: d, address: 'http://x.example/hook', name: D, channel: webhook}", "not an https address: 'http://x.example/hook'"),
        ("{id: d, address: 'http://127.0.0.1:8080/hook', name: D, channel: webhook}", "'http://127.0.0.1:8080/hook' is on this machine"),
        ("{id: d, address: a@b.example, name: D, timezone: Mars/Olympus}", "no such time zone"),
        ("{id: d, address: a@b.example, name: D, language: xx}", "language"),
        ("{id: d, address: a@b.example, name: D, adress: a@b.example}", "unknown key: adress"),
        ("{id: d, address: a@b.example, name: ''}", "name"),
    ],
)
def test_fault_in_a_subscriber_names_its_line(load, subscriber, message):
    with pytest.raises(ConfigError, match=r"subscriptions-0.yaml:2: .*") as caught:
        load(f"subscribers:\n  - {subscriber}\n")
    assert message in str(caught.value)


def test_digest_and_quiet_hours(load):
    subscribers = "subscribers:\n  - {id: d, address: a@b.example, name: D, digest: {at: 22:30, weekday: friday, group_by: region}, quiet: {from: '23:00', to: 06:30}}\n"
    (subscription,) = load(subscribers + "subscriptions:\n  - {id: w, subscriber: d, watch: {any: [csto]}, frequency: weekly}\n")
    assert subscription.frequency == "weekly"
    schedule = subscription.subscriber.schedule(subscription.frequency)
    assert schedule == Schedule("weekly", "UTC", time(22, 30), 4, (time(23), time(6, 30)))
    assert subscription.subscriber.group_by == "region"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("digest: {at: '25:00'}", "digest.at"),
        ("digest: {at: noon}", "digest.at"),
        ("digest: {weekday: freitag}", "digest.weekday"),
        ("digest: {when: '07:00'}", "unknown key: when"),
        ("quiet: {from: '22:00'}", "quiet"),
        ("quiet: {from: '22:00', to: '22:00'}", "quiet: the hours end when they begin"),
    ],
)
def test_fault_in_a_time_names_its_line(load, keys, message):
    with pytest.raises(ConfigError, match=r"subscriptions-0.yaml:2: .*") as caught:
        load(f"subscribers:\n  - {{id: d, address: a@b.example, name: D, {keys}}}\n")
    assert message in str(caught.value)


def test_folder_needs_no_address(load):
    subscribers = "subscribers:\n  - {id: desk, name: Desk, channel: eml}\n"
    (subscription,) = load(subscribers + "subscriptions:\n  - {id: w, subscriber: desk, watch: {any: [csto]}}\n")
    assert subscription.subscriber.address is None


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("subscribers:\n  - {id: desk, address: b@c.example, name: Other}\n", "subscriptions-1.yaml:2: the subscriber 'desk' stands twice"),
        (
            "subscriptions:\n  - {id: w, subscriber: desk, watch: {any: [csto]}}\n",
            "subscriptions-1.yaml:2: the subscription 'w' stands twice",
        ),
        ("subscriptions:\n  - {id: v, subscriber: desc, watch: {any: [csto]}}\n", "subscriptions-1.yaml:2: v: no such subscriber: desc"),
    ],
)
def test_fault_between_files_names_the_second(load, second, message):
    first = SUBSCRIBER % "en" + "subscriptions:\n  - {id: w, subscriber: desk, watch: {any: [csto]}}\n"
    with pytest.raises(ConfigError) as caught:
        load(first, second)
    assert message in str(caught.value)


def test_missing_and_empty_files(load, tmp_path):
    assert load("") == ()
    with pytest.raises(ConfigError, match="no such file"):
        load_subscriptions([tmp_path / "none.yaml"], parents=PARENTS)


def test_every_language_says_everything():
    said = [set(PHRASES[language]) for language in LANGUAGES]
    assert said[0] == said[1]
    assert all(text.count("{}") == PHRASES["en"][key].count("{}") for key, text in PHRASES["ru"].items())
    english, russian = wording("en"), wording("ru")
    assert {key: text.count("{}") for key, text in english.items()} == {key: text.count("{}") for key, text in russian.items()}


# The rules that the sample subscribers of the design ask for; the ninth, an ill source, is the operator's.
SAMPLES = [
    ("watch: {all: [[csto, nato], [central-asia, afghanistan]]}, within: paragraph",
     "(CSTO or NATO) and (any of Central Asia or Afghanistan) in one paragraph"),
    ("watch: {any: [central-asia]}, min_mentions: 3, or_in_title: true", "any of Central Asia, named at least 3 times or in the title"),
    ("watch: {any: [nato]}, countries: [RU]", "NATO, from sources in Russia"),
    ("watch: {all: [nato, csto]}, sources: {none: [x]}", "NATO and CSTO, not from x"),
    ("watch: {any: [csto]}, sources: {none: [x, y]}", "CSTO, not from x or y"),
    ("watch: {any: [csto, nato]}, first_mention_in_days: 90", "CSTO or NATO, not named by the source before (days: 90)"),
    ("authors: [Elena Panina, Елена Панина]", "any article, by Elena Panina or Елена Панина"),
    ("watch: {any: [afghanistan]}, volume: {times: 3}", "Afghanistan, articles in 24 h at least 3 × the median of 30 d, and at least 3"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), SAMPLES)
def test_the_sample_rules_can_be_written_and_are_read_back(load, rule, words):
    assert one(load, rule).words == words
    assert one(load, rule, language="ru").words != words


def test_conditions_on_history_in_russian(load):
    assert one(load, "authors: [Панина], languages: [ru]", language="ru").words == "любая статья, язык: русский, автор: Панина"
    words = one(load, "watch: {any: [csto]}, volume: {times: 2.5, hours: 12, median_of_days: 14, at_least: 5}", language="ru").words
    assert words == "ОДКБ, статей за 12 ч. не менее чем 2.5 × медиана за 14 дн. и не менее 5"
    assert (
        one(load, "watch: {any: [csto]}, first_mention_in_days: 30", language="ru").words
        == "ОДКБ, раньше у источника не упоминалось (дней: 30)"
    )


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("authors: []", "watch: nothing is asked for"),
        ("authors: {none: [Ann Smith]}", "watch: nothing is asked for"),
        ("authors: ['']", "authors"),
        ("authors: [Ann], volume: {times: 3}", "volume: nothing is watched that it could be about"),
        ("authors: [Ann], first_mention_in_days: 9", "first_mention_in_days: nothing is watched"),
        ("authors: [Ann], min_mentions: 2", "min_mentions: nothing is watched"),
        ("watch: {any: [csto]}, or_in_title: true", "or_in_title: says something only beside min_mentions"),
        ("watch: {any: [csto]}, volume: {times: 0.5}", "volume.times"),
        ("watch: {any: [csto]}, volume: {times: 2, hour: 3}", "unknown key: hour"),
        ("watch: {any: [csto]}, first_mention_in_days: 0", "first_mention_in_days"),
    ],
)
def test_faults_in_conditions_on_authors_and_history_name_their_line(load, rule, fault):
    with pytest.raises(ConfigError, match=r"subscriptions-0\.yaml:\d") as raised:
        one(load, rule)
    assert fault in str(raised.value)
