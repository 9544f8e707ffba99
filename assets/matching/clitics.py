"""Arabic and Hebrew words with what is written together with them: conjunction, preposition, article; and adjectives' endings.

What belongs here: generating such forms. What does not: lemmatising a text.
"""

_ARABIC_CLITICS = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "فل", "وك")
# ه stands for ة, as folded.
_ARABIC_ADJECTIVES = ("ي", "يه", "يا", "يين", "يون", "يات", "يتين", "يتان")
_HEBREW_CLITICS = ("", "ו", "ה", "ב", "ל", "מ", "ש", "כ", "וה", "וב", "ול", "ומ", "וש", "שב", "שה", "מה", "שמ", "כש")
_HEBREW_ADJECTIVES = ("י", "ית", "ים", "יים", "יות", "ות")


def arabic_forms(word: str, *, first: bool, adjective: bool) -> set[str]:
    """Forms of a folded word; the `first` of its phrase takes clitics, an adjective takes gender, number and article."""
    stems = {word}
    if adjective and word.endswith("ي"):
        bases = {word[:-1] + ending for ending in _ARABIC_ADJECTIVES}
        stems = bases | {"ال" + base for base in bases if not base.startswith("ال")}
    return {form for stem in stems for form in _with_clitics(stem)} if first else stems


def _with_clitics(stem: str) -> set[str]:
    forms = {clitic + stem for clitic in _ARABIC_CLITICS}
    if stem.startswith("ال"):  # ل + ال is written لل
        forms |= {"لل" + stem[2:], "ولل" + stem[2:], "فلل" + stem[2:]}
        if stem.startswith("الل"):
            forms |= {"لل" + stem[3:], "ولل" + stem[3:]}
    return forms


def hebrew_forms(word: str, *, first: bool, adjective: bool) -> set[str]:
    """Forms of a Hebrew word, as `arabic_forms`."""
    stems = {word}
    if adjective and word.endswith("י"):
        stems |= {word[:-1] + ending for ending in _HEBREW_ADJECTIVES}
    return {clitic + stem for clitic in _HEBREW_CLITICS for stem in stems} if first or adjective else stems
