"""One name becomes the phrases that the matcher looks for: each word with all its forms, and the rules of case.

What belongs here: how a name of each kind and language may be written. What does not: reading dictionaries
(`lemmas`), whole lists (`compiling`), texts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

from assets.matching.clitics import arabic_forms, hebrew_forms
from assets.matching.endings import Section, acronym_endings, inflect
from assets.matching.lemmas import EMPTY, Lexicon
from assets.matching.normalise import fold_name, lower_name, without_accents
from assets.matching.scripts import script_of
from assets.matching.tokens import DOT, gap_kind, split_words
from assets.matching.watchlist import Alias, Via
from assets.matching.wordlists import read_lists

Role = Literal["alias", "exclude", "near"]
CAPITAL = "^"  # the case rule "first letter is a capital"; "" is no rule, anything else must stand as written

# Names stay as they are in these languages; only inhabitants, adjectives and lower-case words change.
_UNCHANGING = frozenset({"en", "fr", "es", "it", "pt", "ca", "gl", "zh", "ja", "th", "vi", "id", "ms", "tr", "az", "uz"})
# Here every word of a name bears its capital; elsewhere (Организация тюркских государств) writers vary. German nouns have
# capitals anyway, so that one capital says nothing: die Zeit, Die Zeit.
_STRICT = frozenset({"en", "de", None})
_ADJECTIVES = ("ский", "цкий", "ський", "цький", "зький")
_NAMED_ADJECTIVES = frozenset({"ru", "uk"})  # here their endings tell adjectives from inhabitants
_SHORTEST_ADJECTIVE = 4  # letters
_TELLING = 6  # letters: a lower-case word of so many is no other word when it loses its accents
_DOTTED = range(2, 7)  # letters of an acronym that is ever written with dots


class Phrase(NamedTuple):
    """One way to write a name: words in order, each as a set of folded forms, or a literal for unspaced scripts."""

    entity: str
    role: Role
    name: str  # the alias as the watch list writes it
    via: Via
    language: str | None
    slots: tuple[frozenset[str], ...] = ()
    gaps: tuple[str, ...] = ()  # between the slots, as `tokens.gap_kind` gives them
    cases: tuple[str, ...] = ()  # one rule a slot
    loose: bool = False  # one of several capitals is enough
    literal: str = ""
    before_hyphen: bool = False  # a combining form: американо-китайский
    dotted: bool = False  # an acronym with its dots
    wordlike: bool = False  # the acronym is an ordinary word in small letters: us, who
    group: int = 0  # which `require_near` of the entity the phrase serves


class Word(NamedTuple):
    """A word of a name: as written (folded, capitals kept), where it stands, and whether the name is a proper one."""

    text: str
    first: bool
    alone: bool
    proper: bool

    @property
    def fixed(self) -> bool:
        """An acronym, a number or a particle inside a name, which never changes."""
        particle = not self.alone and self.text in read_lists("particles")["particles"]
        return particle or not self.text.isalpha() or _is_acronym(self.text)


def words_of(text: str) -> tuple[list[Word], tuple[str, ...]]:
    """The words of a name and the gaps between them."""
    words, gaps = split_words(fold_name(text))
    proper = any(word[0].isupper() and not _is_acronym(word) for word in words)
    return [Word(word, index == 0, len(words) == 1, proper) for index, word in enumerate(words)], tuple(map(gap_kind, gaps))


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def alias_phrases(entity: str, alias: Alias, lexicon: Lexicon = EMPTY, *, inflected: bool = True) -> Iterator[Phrase]:
    """All phrases for one alias of an entity."""
    base = Phrase(entity, "alias", alias.text, alias.via, alias.language)
    if script_of(alias.text) == "unspaced":
        yield from _literals(base)
        return
    words, gaps = words_of(alias.text)
    if alias.via == "acronym" or (len(words) == 1 and _is_acronym(words[0].text)):
        yield from _acronym_phrases(base, words, gaps, lexicon)
        return
    if alias.text.endswith("-"):
        yield base._replace(slots=tuple(map(_written, words)), gaps=gaps, cases=("",) * len(words), before_hyphen=True)
        return
    slots = tuple(word_forms(word, alias.language, lexicon, alias.via) if inflected else _written(word) for word in words)
    cases = tuple(_case_rule(word.text) for word in words)
    yield base._replace(slots=slots, gaps=gaps, cases=cases, loose=alias.language not in _STRICT)
    if alias.via == "demonym" and inflected and len(words) == 1:
        combining = _combining(lower_name(words[0].text), alias.language)
        if combining:
            yield base._replace(slots=(combining,), cases=("",), before_hyphen=True)
        if sided := _sided(slots[0], words[0], alias.language):
            yield base._replace(slots=(sided,), cases=("",))


def free_phrases(entity: str, role: Role, text: str, lexicons: Mapping[str, Lexicon], group: int = 0) -> Iterator[Phrase]:
    """Phrases for an exclusion or a neighbour, whose language nobody states: the forms of all given languages together."""
    base = Phrase(entity, role, text, "name", None, group=group)
    if script_of(text) == "unspaced":
        yield from _literals(base)
        return
    words, gaps = words_of(text)
    slots = [set(_written(word)) for word in words]
    for language, lexicon in lexicons.items():
        for slot, word in zip(slots, words, strict=True):
            slot.update(word_forms(word, language, lexicon, "name"), word_forms(word, language, lexicon, "demonym"))
    cases = tuple("" if role == "exclude" else _case_rule(word.text) for word in words)
    yield base._replace(slots=tuple(map(frozenset, slots)), gaps=gaps, cases=cases, loose=True)


def _literals(base: Phrase) -> Iterator[Phrase]:
    """A name of an unspaced script as it is looked for; a Chinese one in traditional characters, too."""
    literal = "".join(lower_name(base.name).split())
    yield base._replace(literal=literal)
    traditional = "".join(_traditional().get(character, character) for character in literal)
    if base.language in {"zh", None} and traditional != literal:
        yield base._replace(literal=traditional)


@cache
def _traditional() -> dict[str, str]:
    return {pair[0]: pair[1] for pair in read_lists("traditional")["pairs"]}


def word_forms(word: Word, language: str | None, lexicon: Lexicon, via: Via) -> frozenset[str]:
    """All folded forms of one word of a name."""
    low = lower_name(word.text)
    if word.fixed or language is None:
        return _written(word)
    script = script_of(low)
    if script == "arabic":
        return frozenset(arabic_forms(low, first=word.first, adjective=via == "demonym"))
    if script == "hebrew":
        return frozenset(hebrew_forms(low, first=word.first, adjective=via == "demonym"))
    capital = word.text[0].isupper()
    if language in _UNCHANGING and via == "name" and word.proper:
        return _written(word)
    # Inside a phrase a capital may stand on an adjective (Weißes Haus), which its neighbours hold in place.
    sections: tuple[Section, ...] = ("words",) if via != "name" or not capital else ("names",) if word.alone else ("names", "words")
    forms = {lower_name(form) for form in _dictionary_forms(word, language, lexicon)}
    # A dictionary gives an ambiguous form to one lemma only (прессе to пресс), so the tables fill the gaps.
    guesses = {form for section in sections for form in inflect(low, language, section)}
    forms |= {form for form in guesses if not (word.alone and _is_another_word(form, low, lexicon))}
    return frozenset(_accents_optional({low, *forms}, word))


def words_to_look_up(texts: Iterable[str], language: str) -> tuple[set[str], set[str]]:
    """The words whose paradigms a lexicon should know, and the guesses about which it should say whether they are words."""
    words = {word.text for text in texts if script_of(text) != "unspaced" for word in words_of(text)[0]}
    guesses: set[str] = set()
    for word in words:
        low = lower_name(word)
        guesses |= inflect(low, language, "names") | inflect(low, language, "words")
    return words, guesses


def _written(word: Word) -> frozenset[str]:
    return frozenset(_accents_optional({lower_name(word.text)}, word))


def _accents_optional(forms: set[str], word: Word) -> set[str]:
    """Headlines and typists drop accents; a short lower-case word without its accent may be another word."""
    if word.alone and not word.text[0].isupper() and len(word.text) < _TELLING:
        return forms
    return forms | {without_accents(form) for form in forms}


def _dictionary_forms(word: Word, language: str, lexicon: Lexicon) -> frozenset[str]:
    # In English a capital separates the name from the verb: Pole, poling.
    variants = [word.text] if language == "en" else [word.text, lower_name(word.text)]
    own = frozenset().union(*(lexicon.own_forms(variant) for variant in variants))
    if own or word.alone:
        return own
    return frozenset().union(*(lexicon.family(variant) for variant in variants))


def _is_another_word(form: str, low: str, lexicon: Lexicon) -> bool:
    """Whether a guessed form is the base form of another ordinary word: Штат is no form of Штаты.

    An adjective's own gender is none, though the dictionary has it as a noun, too: німецька (мова).
    """
    return len(form) < len(low) and lexicon.lemmas.get(form) == form and not (low.endswith(_ADJECTIVES) and form.startswith(low[:-2]))


def _case_rule(word: str) -> str:
    if _is_acronym(word):
        return word
    return CAPITAL if word[0].isupper() else ""


def _combining(low: str, language: str | None) -> frozenset[str]:
    """The first half of a compound adjective: американский → американо-."""
    ending = {"ru": "ский", "uk": "ський"}.get(language or "", "")
    return frozenset({low.removesuffix(ending) + "о"}) if ending and low.endswith(ending) and len(low) > len(ending) + 2 else frozenset()


def _sided(forms: frozenset[str], word: Word, language: str | None) -> frozenset[str]:
    """What an adjective becomes with the word for or against before it: антикитайский, proukrainisch."""
    adjective = word.text[0].islower() and len(word.text) >= _SHORTEST_ADJECTIVE
    if not adjective or (language in _NAMED_ADJECTIVES and not lower_name(word.text).endswith(_ADJECTIVES)):
        return frozenset()
    return frozenset(side + form for side in read_lists("sides").get(language or "", ()) for form in forms)


def _acronym_phrases(base: Phrase, words: Sequence[Word], gaps: tuple[str, ...], lexicon: Lexicon) -> Iterator[Phrase]:
    """As written; joined and with dots; and in Slavic languages with a small ending (МИДа)."""
    texts = [word.text for word in words]
    groups = gaps and all(gap in {".", ""} for gap in gaps)
    joined = "".join(texts) if groups else texts[0] if len(texts) == 1 else ""
    # A dictionary may know the acronym itself in small letters, as сша: that is no other word.
    base = base._replace(wordlike=lexicon.lemmas.get(lower_name(joined or texts[0]), joined or texts[0]).islower())
    if not joined:
        yield base._replace(slots=tuple(frozenset({lower_name(text)}) for text in texts), gaps=gaps, cases=tuple(texts))
        return
    low = lower_name(joined)
    endings = acronym_endings(low, base.language) if joined.isupper() and joined.isalpha() else ()
    yield base._replace(slots=(frozenset({low, *(low + ending for ending in endings)}),), cases=(joined,))
    letters = texts if groups else list(joined)
    if joined.isupper() and joined.isalpha() and len(letters) in _DOTTED:
        slots = tuple(frozenset({lower_name(letter)}) for letter in letters)
        yield base._replace(
            slots=slots,
            gaps=(DOT if max(map(len, letters)) == 1 else ".",) * (len(letters) - 1),
            cases=tuple(letters),
            dotted=True,
            wordlike=False,
        )


def describe(phrase: Phrase) -> list[str]:
    """The phrase as a person reads it: its forms, or for several words the forms of each in brackets."""
    if phrase.literal:
        return [phrase.literal]
    hyphen = "-" if phrase.before_hyphen else ""
    if len(phrase.slots) == 1:
        return [_shown(form, phrase.cases[0]) + hyphen for form in sorted(phrase.slots[0])]
    parts: list[str] = []
    for index, (slot, case) in enumerate(zip(phrase.slots, phrase.cases, strict=True)):
        gap = phrase.gaps[index - 1].replace(DOT, ".") if index else ""
        shown = [_shown(form, case) for form in sorted(slot)]
        parts.append(gap + (shown[0] if len(shown) == 1 else f"[{' '.join(shown)}]"))
    return [re.sub(r"\s+", " ", "".join(parts))]


def _shown(form: str, case: str) -> str:
    if case == CAPITAL:
        return form[:1].upper() + form[1:]
    return case + form[len(case) :] if case else form
