"""How text is tidied and compared: white space, invisible characters, the folded form in which phrases are looked up.

No knowledge of pages here; the phrases themselves are in `phrases`.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u2060\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
DECORATION = "-–—•·*#|>»›«‹→←↓↑▶►◄▼▲✓+~_=…:;.,/\\[](){}\"'“”„‘’`® "
_EDGE = re.compile(rf"^[\W_]*(?<![©])|[{re.escape(DECORATION)}]+$")
SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;\"”»’)\]]['\"”»’)\]]*(?:\[\d+\])*$")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def tidy(text: str) -> str:
    """One line: NFC, no invisible characters, runs of white space folded to a single space."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """NFC without invisible and control characters; line ends and spaces stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def fold(line: str) -> str:
    """The form in which lines are compared: case, ё and decoration at both ends folded away."""
    folded = " ".join(line.casefold().replace("ё", "е").split())
    return folded.strip(DECORATION)


def undotted(folded: str) -> str:
    """Folded text without the difference of the two Turkish i: capitals hide it from those who do not ask for the language."""
    return folded.replace("i\u0307", "i").replace("ı", "i")


def key(text: str | None) -> str:
    """Letters and digits only, for telling whether two titles or names are the same."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text or "").casefold()))


def tokens(text: str) -> list[str]:
    """Folded words; in scripts that set no spaces each character is one."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def ends_sentence(text: str) -> bool:
    """Whether the line ends as a sentence does."""
    return bool(SENTENCE_END.search(text))


def is_sentence(text: str) -> bool:
    """Whether the line ends with a full stop, as no heading, button or label does."""
    return text.rstrip().endswith((".", "。", "۔", "।")) and not text.rstrip().endswith("...")


def words(text: str) -> int:
    """A count of words; in Chinese, Japanese and Korean two characters stand for one."""
    return len(text.split()) + len(CJK.findall(text)) // 2
