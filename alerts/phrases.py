"""The words that a subscriber reads, in each language of the mails, and a rule put into such words.

Here: fixed phrases, lists, names of languages and countries. Not here: the layout (templates/) and what operators read.
"""

from collections.abc import Callable, Iterable, Mapping

from alerts.records import Only, Rule

LANGUAGES = ("en", "ru")

# No phrase needs a plural or a case: a number or a name always stands at its end or in brackets.
PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "and": "and",
        "or": "or",
        "any_of": "any of {}",
        "not": "but not {}",
        "sentence": "in one sentence",
        "paragraph": "in one paragraph",
        "words": "within {} words of each other",
        "min_mentions": "named at least {} times",
        "min_mentions_each": "each named at least {} times",
        "or_in_title": "{} or in the title",
        "min_salience": "central to the article ({} of 1 or more)",
        "zones": "in the {}",
        "title": "title",
        "body": "body",
        "heading": "headings",
        "quote": "quotations",
        "caption": "captions",
        "table": "tables",
        "notes": "notes",
        "via": "by {} only",
        "name": "name",
        "acronym": "acronym",
        "demonym": "demonym",
        "sources": "from {}",
        "not_sources": "not from {}",
        "countries": "from sources in {}",
        "not_countries": "not from sources in {}",
        "languages": "in {}",
        "not_languages": "not in {}",
        "anything": "any article",
        "authors": "by {}",
        "not_authors": "not by {}",
        "first_mention": "not named by the source before (days: {})",
        "volume": "articles in {} h at least {} × the median of {} d, and at least {}",
        "as_author": "named as author",
        "date_exact": "date as given",
        "date_day": "day only, as given",
        "date_guess": "date guessed from the page",
        "date_none": "first seen by us; the page gives no date",
        "version": "This is a later version of the article: version {}.",
        "withdrawn": "The page has since been withdrawn; this is the text that we had read.",
        "passages": "What it says",
        "lead": "How it begins",
        "more_passages": "More such sentences in the article: {}",
        "more_names": "and {} more",
        "read": "Read it at {}",
        "why": "Why you get this",
        "rule": "Your subscription “{}” asks for: {}.",
        "proof": "Proof",
        "alert_id": "alert {}",
        "revision": "revision {} ({})",
        "watchlist": "watch list {}",
        "in_title": "title",
        "unsubscribe": "To stop these alerts",
        "write_to": "write to {}",
        "or_open": "or open {}",
    },
    "ru": {
        "and": "и",
        "or": "или",
        "any_of": "{} (любая часть)",
        "not": "но не {}",
        "sentence": "в одном предложении",
        "paragraph": "в одном абзаце",
        "words": "на расстоянии не более слов: {}",
        "min_mentions": "упоминаний не менее {}",
        "min_mentions_each": "упоминаний каждого не менее {}",
        "or_in_title": "{} или в заголовке",
        "min_salience": "в центре статьи ({} из 1 или больше)",
        "zones": "где: {}",
        "title": "заголовок",
        "body": "основной текст",
        "heading": "подзаголовки",
        "quote": "цитаты",
        "caption": "подписи",
        "table": "таблицы",
        "notes": "примечания",
        "via": "только как {}",
        "name": "название",
        "acronym": "сокращение",
        "demonym": "прилагательное",
        "sources": "источник: {}",
        "not_sources": "кроме источника: {}",
        "countries": "страна источника: {}",
        "not_countries": "кроме страны источника: {}",
        "languages": "язык: {}",
        "not_languages": "кроме языка: {}",
        "anything": "любая статья",
        "authors": "автор: {}",
        "not_authors": "кроме автора: {}",
        "first_mention": "раньше у источника не упоминалось (дней: {})",
        "volume": "статей за {} ч. не менее чем {} × медиана за {} дн. и не менее {}",
        "as_author": "указан автором",
        "date_exact": "дата источника",
        "date_day": "источник указал только день",
        "date_guess": "дата определена по странице",
        "date_none": "впервые замечено нами; даты на странице нет",
        "version": "Это более поздняя версия статьи: версия {}.",
        "withdrawn": "Страница с тех пор снята с публикации; это текст, который мы прочли.",
        "passages": "Что сказано",
        "lead": "Начало статьи",
        "more_passages": "Ещё таких предложений в статье: {}",
        "more_names": "и ещё {}",
        "read": "Читать: {}",
        "why": "Почему вы это получили",
        "rule": "Условие подписки «{}»: {}.",
        "proof": "Доказательство",
        "alert_id": "оповещение {}",
        "revision": "версия {} ({})",
        "watchlist": "список наблюдения {}",
        "in_title": "заголовок",
        "unsubscribe": "Чтобы отписаться",
        "write_to": "напишите на {}",
        "or_open": "или откройте {}",
    },
}


def listed(items: Iterable[str], word: str) -> str:
    """A list in words: «a, b or c»."""
    *most, last = items
    return f"{', '.join(most)} {word} {last}" if most else last


def language_name(code: str, language: str) -> str:
    """The name of a language in a language; the code itself where it is not known."""
    from babel import Locale  # noqa: PLC0415 - costs more than the rest of the room together

    return Locale(language).languages.get(code, code)


def country_name(code: str | None, language: str) -> str:
    """The name of a country (ISO 3166 code) in a language; the code itself where it is not known."""
    from babel import Locale  # noqa: PLC0415

    return Locale(language).territories.get(code, code) if code else ""


def describe(rule: Rule, language: str = "en") -> str:
    """The rule in words, such as «CSTO and any of Central Asia in one paragraph, in Russian or English»."""
    say = PHRASES[language]
    what = f" {say['and']} ".join(_group(rule, group, say) for group in rule.groups) or say["anything"]
    limits = [*_count_limits(rule, say), *_place_limits(rule, say), *_article_limits(rule, language), *_history_limits(rule, say)]
    return ", ".join([f"{what} {_near(rule, say)}".strip(), *limits])


def _group(rule: Rule, group: tuple[str, ...], say: Mapping[str, str]) -> str:
    names = listed([_name(rule, entity, say) for entity in group], say["or"])
    return f"({names})" if len(group) > 1 and len(rule.groups) > 1 else names


def _name(rule: Rule, entity: str, say: Mapping[str, str]) -> str:
    return say["any_of"].format(rule.label(entity)) if len(rule.reached([entity])) > 1 else rule.label(entity)


def _near(rule: Rule, say: Mapping[str, str]) -> str:
    if rule.most_words is not None:
        return say["words"].format(rule.most_words)
    return say[rule.within] if rule.within else ""


def _count_limits(rule: Rule, say: Mapping[str, str]) -> Iterable[str]:
    if rule.none:
        yield say["not"].format(listed([_name(rule, entity, say) for entity in rule.none], say["or"]))
    if rule.min_mentions > 1:
        often = say["min_mentions_each" if len(rule.groups) > 1 else "min_mentions"].format(rule.min_mentions)
        yield say["or_in_title"].format(often) if rule.or_in_title else often
    if rule.min_salience:
        yield say["min_salience"].format(f"{rule.min_salience:g}")


def _place_limits(rule: Rule, say: Mapping[str, str]) -> Iterable[str]:
    for key, values in (("zones", rule.zones), ("via", rule.via)):
        if values:
            yield say[key].format(listed([say[value] for value in values], say["or"]))


def _article_limits(rule: Rule, language: str) -> Iterable[str]:
    yield from _only("sources", rule.sources, language, list)
    yield from _only("countries", rule.countries, language, lambda codes: [country_name(code, language) for code in codes])
    yield from _only("languages", rule.languages, language, lambda codes: [language_name(code, language) for code in codes])
    yield from _only("authors", rule.authors, language, list)


def _history_limits(rule: Rule, say: Mapping[str, str]) -> Iterable[str]:
    if rule.first_mention_days:
        yield say["first_mention"].format(rule.first_mention_days)
    if rule.volume:
        volume = rule.volume
        yield say["volume"].format(volume.hours, f"{volume.times:g}", volume.days, volume.least)


def _only(key: str, only: Only, language: str, names: Callable[[Iterable[str]], Iterable[str]]) -> Iterable[str]:
    say = PHRASES[language]
    if only.any:
        yield say[key].format(listed(names(only.any), say["or"]))
    if only.none:
        yield say[f"not_{key}"].format(listed(names(only.none), say["or"]))
