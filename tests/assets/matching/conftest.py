"""Compiled watch lists that many tests share; compiling reads dictionaries, so each is compiled once a session."""

import pytest

from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.packs import DAY_ONE
from assets.matching.watchlist import load_watchlist, parse_watchlist

WATCHED = """
entities:
  - id: csto
    labels:
      en: {names: [Collective Security Treaty Organisation], acronyms: [CSTO]}
      ru: {names: [Организация Договора о коллективной безопасности], acronyms: [ОДКБ]}
      fr: {acronyms: [OTSC]}
  - id: who
    labels:
      en: {names: [World Health Organization], acronyms: [WHO]}
      ru: {names: [Всемирная организация здравоохранения], acronyms: [ВОЗ]}
      uk: {names: [Всесвітня організація охорони здоров'я]}
      fr: {acronyms: [OMS]}
  - id: eu
    labels:
      en: {names: [European Union], acronyms: [EU]}
      ru: {names: [Европейский союз], acronyms: [ЕС]}
      ar: {names: [الاتحاد الأوروبي]}
      fr: {names: [Union européenne], acronyms: [UE]}
    exclude: [European Union of the Deaf]
  - id: us
    kind: region
    labels:
      en: {names: [United States, America], acronyms: [US, U.S.], demonyms: [American]}
      ru: {names: [Соединённые Штаты], acronyms: [США], demonyms: [американский, американец]}
      es: {names: [Estados Unidos], acronyms: [EE. UU.], demonyms: [estadounidense]}
      zh: {names: [美国]}
    exclude: [Bank of America]
  - id: tajikistan
    kind: region
    parents: [central-asia]
    labels:
      en: {names: [Tajikistan], demonyms: [Tajik]}
      ru: {names: [Таджикистан], demonyms: [таджикский, таджик]}
      de: {names: [Tadschikistan], demonyms: [tadschikisch]}
      zh: {names: [塔吉克斯坦]}
      ja: {names: [タジキスタン]}
  - id: central-asia
    kind: region
    labels:
      en: {names: [Central Asia], demonyms: [Central Asian]}
      ru: {names: [Центральная Азия], demonyms: [центральноазиатский]}
  - id: turkey
    kind: region
    labels:
      en: {names: [Turkey, Türkiye], demonyms: [Turkish]}
      ru: {names: [Турция], demonyms: [турецкий]}
      ar: {names: [تركيا], demonyms: [تركي]}
      fr: {names: [Turquie], demonyms: [turc]}
  - id: georgia
    kind: region
    labels:
      en: {names: [Georgia], demonyms: [Georgian]}
      ru: {names: [Грузия], demonyms: [грузин]}
    exclude: ["Atlanta, Georgia", Georgia Tech]
    require_near: {any: [Tbilisi, Russia, Caucasus], within: 60, for: [en], only: [Georgia]}
  - id: sudan
    kind: region
    labels: {en: {names: [Sudan]}, ru: {names: [Судан]}, zh: {names: [苏丹]}}
  - id: india
    kind: region
    labels: {en: {names: [India]}, zh: {names: [印度]}}
  - id: ivory-coast
    kind: region
    labels: {en: {names: [Côte d'Ivoire]}, ru: {names: [Кот-д'Ивуар]}, fr: {names: [Côte d'Ivoire]}}
  - id: togo
    kind: region
    labels: {ru: {names: [Того]}}
  - id: mali
    kind: region
    labels: {en: {names: [Mali]}, ru: {names: [Мали]}}
  - id: gzt
    labels: {ru: {names: [Gzt.Ru, МинФин]}}
  - id: sco
    labels: {en: {acronyms: [SCO]}}
"""


@pytest.fixture(scope="session")
def watched():
    return compile_watchlist(parse_watchlist(WATCHED))


@pytest.fixture(scope="session")
def matcher(watched):
    return Matcher(watched)


@pytest.fixture(scope="session")
def found(matcher):
    """The entities that a text mentions, in reading order."""
    return lambda text, language=None: [hit.entity for hit in matcher.find(text, language=language)]


@pytest.fixture(scope="session")
def day_one():
    return compile_watchlist(load_watchlist([DAY_ONE]))


@pytest.fixture(scope="session")
def day_one_matcher(day_one):
    return Matcher(day_one)
