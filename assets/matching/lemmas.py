"""What the lemma dictionaries of simplemma know about a set of words: their forms, and which of them are ordinary words.

What belongs here: one pass over a language's dictionary. What does not: endings, phrases, any look-up at match time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Dictionaries that serve languages which have none of their own.
_SHARED = {"sr": "hbs", "hr": "hbs", "bs": "hbs", "no": "nb"}
_HUGE = frozenset({"pl"})  # 400 MB when unpacked; read from its stream it takes a tenth of that and twice the time
# What may be missing from the stem of a noun, and of an adjective, where base forms end in something.
_ENDINGS = {"ru": ("я а е о ь й ы", "ий ый ой"), "uk": ("я а е о ь й и", "ий ій")}
_STEM = 3  # letters: forms share at least so many with their lemma, and differ in at most so many of its last
_LONGER = 4


class Lexicon(NamedTuple):
    """What a dictionary knows of some words; empty when the language has no dictionary."""

    lemmas: Mapping[str, str]  # word as written → its lemma
    forms: Mapping[str, frozenset[str]]  # lemma → all its forms

    def own_forms(self, word: str) -> frozenset[str]:
        """The forms of a word that is itself a lemma; none for another form.

        Того is a form of the pronoun тот: giving it that paradigm would find the country in every text.
        """
        return self.forms.get(word, frozenset()) if self.lemmas.get(word) == word else frozenset()

    def family(self, word: str) -> frozenset[str]:
        """The forms of the lemma that the word belongs to, for words whose neighbours in a phrase hold them in place."""
        lemma = self.lemmas.get(word)
        return self.forms.get(lemma, frozenset()) if lemma else frozenset()


EMPTY = Lexicon({}, {})


def read_lexicon(language: str, words: Iterable[str], guesses: Iterable[str] = ()) -> Lexicon:
    """Look up words, as written and in lower case, and gather the forms of their lemmas in one pass over the dictionary.

    Of `guesses` only the lemmas are looked up. Costs two seconds and 150 MB for Russian; nothing is kept afterwards.
    """
    dictionary = _dictionary(language)
    if dictionary is None:
        return EMPTY
    variants = {variant for word in words for variant in (word, word.lower())}
    lemmas = _lemmas(dictionary, variants)
    forms = _gather(dictionary, set(lemmas.values()))
    return Lexicon(_lemmas(dictionary, variants.union(guesses)), forms)


def _dictionary(language: str) -> Mapping[str, str] | None:
    from simplemma.strategies import DefaultDictionaryFactory, StreamDictionaryFactory  # noqa: PLC0415 - not at match time

    factory = StreamDictionaryFactory if language in _HUGE else DefaultDictionaryFactory
    try:
        return factory(cache_max_size=1).get_dictionary(_SHARED.get(language, language))
    except ValueError:
        return None


def base_forms(language: str, stems: Iterable[tuple[str, bool]]) -> dict[str, str]:
    """The likeliest base form for each stem that a pattern such as Организаци* leaves, and whether it stands before a noun.

    The first ending that makes a word of the dictionary wins; without one the stem is taken for the word.
    """
    dictionary = _dictionary(language) if language in _ENDINGS else None
    return {stem: _base(stem, _ENDINGS[language], dictionary, before) if dictionary else stem for stem, before in sorted(stems)}


def _base(stem: str, endings: tuple[str, str], dictionary: Mapping[str, str], before_noun: bool) -> str:
    nouns, adjectives = endings[0].split(), endings[1].split()
    for ending in (*adjectives, "", *nouns) if before_noun else ("", *nouns, *adjectives):
        if any(dictionary.get(word) == word for word in (stem + ending, (stem + ending).lower())):
            return stem + ending
    return stem + ("я" if stem.endswith("и") else adjectives[0] if stem.endswith("к") and before_noun else "")


def _lemmas(dictionary: Mapping[str, str], words: Iterable[str]) -> dict[str, str]:
    return {word: lemma for word in sorted(words) if (lemma := dictionary.get(word)) is not None}


def _gather(dictionary: Mapping[str, str], wanted: set[str]) -> dict[str, frozenset[str]]:
    stems = _stems(wanted)
    prefixes = {start: tuple(group) for start, group in stems.items()}
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for form in dictionary:
        # Looking up each of a million forms would take most of the time, so all but likely ones are passed over before.
        start = form[:2]
        if (
            start in prefixes
            and form.startswith(prefixes[start])
            and any(len(form) <= limit and form.startswith(stem) for stem, limit in stems[start].items())
        ):
            lemma = dictionary[form]
            if lemma in wanted:
                forms[lemma].add(form)
    return {lemma: frozenset(found) for lemma, found in forms.items()}


def _stems(lemmas: set[str]) -> dict[str, dict[str, int]]:
    """What forms of the lemmas begin with, by their first two letters, and how long such a form may be."""
    stems: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for lemma in sorted(lemmas):
        stem = lemma[: max(min(len(lemma), _STEM), len(lemma) - _STEM)]
        group = stems[stem[:2]]
        group[stem] = max(group.get(stem, 0), len(lemma) + _LONGER)
    return dict(stems)
