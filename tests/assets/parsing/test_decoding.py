"""Bytes that are mislabelled, packed or damaged still give the text that was written."""

import gzip
import zlib

import pytest

from assets.parsing.decoding import decode

RUSSIAN = "Саммит ОДКБ: о чём удалось договориться. Энергетический кризис в Европе и «новая реальность»"
SAMPLES = {
    "ru": ("cp1251", RUSSIAN),
    "uk": ("cp1251", "Європейська безпека: які виклики постають перед Україною та її сусідами"),
    "bg": ("cp1251", "Сигурността в Черноморския регион и новите заплахи за съседните държави"),
    "el": ("cp1253", "Η ασφάλεια της Κεντρικής Ασίας και οι νέες προκλήσεις για την περιοχή"),
    "ar": ("cp1256", "منظمة معاهدة الأمن الجماعي وآسيا الوسطى بعد الانسحاب"),
    "zh": ("gb18030", "上海合作组织与中亚地区安全形势的新变化及其影响"),
    "tr": ("cp1254", "Türkiye'nin güvenlik politikası ve Şanghay İşbirliği Örgütü"),
    "pl": ("cp1250", "Bezpieczeństwo Europy Środkowej i źródła nowych zagrożeń"),
    "fr": ("cp1252", "Afghanistan : la nouvelle équation régionale et l’Asie centrale"),
}


def _feed(text, encoding, declared="utf-8"):
    return f'<?xml version="1.0" encoding="{declared}"?><rss><channel><title>{text}</title></channel></rss>'.encode(encoding)


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.fault("F1")
def test_f01_a_code_page_declared_as_utf8_is_found(language):
    encoding, text = SAMPLES[language]
    decoded = decode(_feed(text, encoding), content_type="application/rss+xml; charset=utf-8", language=language)
    assert text in decoded.text
    assert decoded.problems


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.fault("F1")
def test_f01_cyrillic_code_pages_need_no_hint(encoding):
    assert "Энергетический кризис в Европе" in decode(_feed(RUSSIAN.translate({0xAB: '"', 0xBB: '"'}), encoding)).text


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "iso-8859-5", "windows-1252", "gb2312", "shift_jis", "euc-kr", "iso-2022-jp"])
def test_a_true_declaration_is_followed(encoding):
    text = {"windows-1252": "équation “régionale”", "gb2312": "上海合作组织", "euc-kr": "동북아 안보"}.get(encoding, RUSSIAN[:14])
    text = "中央アジアの安全保障" if encoding in {"shift_jis", "iso-2022-jp"} else text
    decoded = decode(_feed(text, encoding, declared=encoding))
    assert text in decoded.text
    assert decoded.problems == ()


def test_the_header_is_followed_when_the_document_is_silent():
    assert RUSSIAN in decode(f"<rss>{RUSSIAN}</rss>".encode("cp1251"), content_type="text/xml; charset=windows-1251").text


@pytest.mark.parametrize("declared", ["windows-1251", "utf-16", "iso-8859-1", "x-unknown", "utf-7"])
def test_good_utf8_is_utf8_whatever_is_declared(declared):
    decoded = decode(_feed(RUSSIAN, "utf-8", declared=declared), content_type="text/xml; charset=iso-8859-1")
    assert RUSSIAN in decoded.text
    assert not decoded.damaged


def test_koi8_declared_as_windows_is_seen_by_its_inverted_case():
    assert "Энергетический кризис" in decode(_feed(RUSSIAN.translate({0xAB: '"', 0xBB: '"'}), "koi8-r", declared="windows-1251")).text


def test_cyrillic_declared_as_latin_is_seen_by_its_many_accents():
    assert RUSSIAN in decode(_feed(RUSSIAN, "cp1251", declared="iso-8859-1"), language="ru").text


@pytest.mark.fault("F2")
def test_f02_a_bad_byte_costs_one_character_and_is_reported():
    decoded = decode(_feed(RUSSIAN, "utf-8").replace("кризис".encode(), "кри\xffзис".encode().replace("ÿ".encode(), b"\xff")))
    assert "Энергетический кри\ufffdзис в Европе" in decoded.text
    assert decoded.damaged
    assert "1 places" in decoded.problems[0]


def test_windows_punctuation_in_the_middle_of_utf8_is_mended():
    assert "Russia’s “window”, équation" in decode("Russia’s “window”, équation".encode().replace("’".encode(), b"\x92")).text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.fault("F3")
def test_f03_wide_encodings_with_or_without_mark_or_declaration(encoding, mark):
    assert RUSSIAN in decode((mark + f"<rss><channel>{RUSSIAN}</channel></rss>").encode(encoding)).text


@pytest.mark.parametrize("marks", [1, 2, 3])
@pytest.mark.fault("F4")
def test_f04_marks_at_the_beginning_are_no_text(marks):
    assert decode(("\ufeff" * marks + "<rss/>").encode()).text == "<rss/>"


@pytest.mark.fault("F16")
def test_f16_gzip_is_unpacked_even_twice():
    once = gzip.compress(_feed(RUSSIAN, "utf-8"))
    assert RUSSIAN in decode(once).text
    assert RUSSIAN in decode(gzip.compress(once)).text


def test_a_cut_gzip_gives_what_came_through_and_says_so():
    packed = gzip.compress(_feed(RUSSIAN, "utf-8") * 50, compresslevel=0)
    decoded = decode(packed[: len(packed) // 2])
    assert RUSSIAN in decoded.text
    assert decoded.damaged
    assert decode(b"\x1f\x8b\x08rubbish").text == ""


def test_a_gzip_bomb_is_not_unpacked_to_its_end():
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join([packer.compress(b"<rss>"), *(packer.compress(b" " * 1_000_000) for _ in range(60)), packer.flush()])
    decoded = decode(bomb)
    assert len(decoded.text) <= 30_000_000
    assert decoded.problems


OLD_PAGES = {
    "cp1251": ["Война и мир: что дальше", "Що далі з переговорами про мир", "Новата стратегия за сигурност"],
    "koi8-r": ["Военная операция и её последствия", "Встреча министров иностранных дел"],
    "cp866": ["О чём договорились в Душанбе"],
    "iso8859-5": ["О чём договорились в Душанбе"],
    "iso8859-7": ["Ασφάλεια στην Ευρώπη και στη Μεσόγειο"],
    "cp1255": ["ביטחון לאומי ומדיניות חוץ", "הסכם חדש במזרח התיכון"],
    "iso8859-6": ["الأمن القومي في الشرق الأوسط"],
    "big5": ["中亞地區的安全形勢與新的戰略夥伴關係"],
    "shift_jis": ["中央アジアの安全保障と新しい戦略"],
    "euc-jp": ["中央アジアの安全保障と新しい戦略"],
    "euc-kr": ["중앙아시아 안보와 새로운 전략"],
    "cp1254": ["Güvenlik politikası ve dış ilişkiler"],
    "cp1250": ["Bezpieczeństwo w Europie Środkowej, źródła zagrożeń", "Bezpečnost střední Evropy a příští kroky"],
    "cp1252": ["La sécurité européenne à l’épreuve", "Größere Übungen – Außenpolitik", "La política española después de año nuevo"],
}


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, texts in OLD_PAGES.items() for text in texts])
@pytest.mark.fault("F1")
def test_f01_old_pages_are_told_by_their_letters_alone(encoding, text):
    assert text in decode(_feed(text, encoding)).text


def test_a_page_that_lists_articles_says_its_encoding_in_a_meta_element_and_a_feed_does_not():
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'
    page = f"<!DOCTYPE html><html><head>{meta}<title>{RUSSIAN[:40]}</title></head></html>".encode("koi8-r")
    decoded = decode(page, content_type="text/html")
    assert (decoded.encoding, decoded.problems) == ("koi8-r", ())
    assert RUSSIAN[:40] in decoded.text
    feed = f"<rss><channel><title>{RUSSIAN}</title><description><![CDATA[{meta}]]></description></channel></rss>".encode("cp1251")
    assert RUSSIAN in decode(feed, content_type="application/rss+xml; charset=windows-1251").text
