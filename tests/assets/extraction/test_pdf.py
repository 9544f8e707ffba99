"""PDF reports: text in reading order whatever the columns, what the printer added left out, and files that are none said to be so."""

import io
from datetime import UTC, datetime

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from assets.extraction.extract import extract
from assets.extraction.records import Hints

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
WIDTH, HEIGHT, LEADING = 595, 842, 12
SONG = "STSong-Light"  # every reader of PDF knows it, so it need not be embedded; it has Cyrillic letters too

ENGLISH = [
    "The corridor between the two ports was planned in the spring, and the ministry of transport has asked three neighbouring states to take part in it before the winter.",
    "Freight that now waits nine days at the border would be cleared in two. The institute compared customs records of four years and found that most of the delay comes from paper forms.[1] None of the carriers that were interviewed wished to go back to the old procedure.",
    "A second line is under discussion. It would pass north of the lake, where the well-known valley road is closed for five months of the year, and the well-known pass is open only in summer.",
    "Officials in the capital remain cautious. They recall that the previous agreement was signed by all sides, ratified by none of them and forgotten within a year of its celebration.",
]
MORE = [
    "The hearings of the second day were shorter, and the carriers were not heard again by anybody.",
    "What the committee will recommend is not known, although its chairman hinted at a compromise.",
]
GERMAN = [
    "Die Verhandlungen über das Abkommen dauerten länger als erwartet, weil die Donaudampfschifffahrtsgesellschaft und mehrere Länder zusätzliche Bedingungen für die Überfahrt stellten.",
    "Nach Ansicht der Fachleute müsste die Europäische Union bis zum Herbst entscheiden, ob sie die Häfen am Schwarzen Meer gemeinsam mit ihren Nachbarn ausbauen möchte.",
]
FRENCH = [
    "Le sommet s’est achevé sans déclaration commune, car les délégations n’ont pas trouvé d’accord sur le financement des infrastructures ferroviaires prévues à la frontière.",
    "Selon les chercheurs, l’élargissement de l’organisation modifierait l’équilibre régional et obligerait chaque État membre à revoir ses engagements budgétaires avant la fin de l’année.",
]
RUSSIAN = [
    "Саммит Организации Договора о коллективной безопасности прошёл в Душанбе, и его участники договорились усилить охрану южной границы до конца следующего года.",
    "По мнению экспертов института, железнодорожный коридор через Казахстан и Узбекистан сократит сроки доставки грузов вдвое, если стороны согласуют единые таможенные правила.",
]
CHINESE = [
    "上海合作组织成员国元首理事会会议在撒马尔罕举行，各方就扩大贸易便利化和加强边境地区安全合作达成共识，并决定建立新的铁路运输协调机制。",
    "研究人员还认为，如果沿线各国能够统一海关手续，货物运输时间将缩短一半，但资金来源和土地征用问题仍然没有得到解决，谈判预计将持续到明年秋天。",
]


class Press:
    """Prints paragraphs into columns, breaking long words with a hyphen as typesetters do."""

    def __init__(self, font="Helvetica", size=9.0, columns=2, encrypt=None):
        if font == SONG:
            pdfmetrics.registerFont(UnicodeCIDFont(SONG))
        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, pagesize=(WIDTH, HEIGHT), encrypt=encrypt)
        self.font, self.size, self.columns = font, size, columns
        self.width = (WIDTH - 2 * 60 - (columns - 1) * 24) / columns
        self.tops, self.column, self.y, self.foot = HEIGHT - 80, 0, HEIGHT - 80, 110
        self.head, self.page, self.notes = None, 1, []

    @property
    def x(self):
        return 60 + self.column * (self.width + 24)

    def across(self, text, size, font="Helvetica-Bold"):
        self.canvas.setFont(self.font if self.font == SONG else font, size)
        self.canvas.drawString(60, self.y, text)
        self.y -= size * 1.8
        self.tops = self.y

    def broken(self, text):
        """Lines that fit the column; a word that does not is broken at a hyphen or, if it is long, in its middle."""
        lines, line = [], ""
        units = list(text) if self.font == SONG and " " not in text else text.split(" ")
        glue = "" if self.font == SONG and " " not in text else " "
        for word in units:
            if self._fits(line + glue + word):
                line = line + glue + word if line else word
                continue
            at = word.find("-") + 1 or (len(word) // 2 if len(word) > 9 and word.isalpha() else 0)
            mark = "" if word[at - 1 : at] == "-" else "-"
            if at and self._fits(f"{line} {word[:at]}{mark}"):
                lines.append(f"{line} {word[:at]}{mark}")
                line = word[at:]
            else:
                lines.append(line)
                line = word
        return [*lines, line]

    def _fits(self, text):
        return pdfmetrics.stringWidth(text.strip(), self.font, self.size) <= self.width

    def paragraph(self, text, font=None, size=None, gap=6.0):
        for line in self.broken(text):
            if self.y < self.foot:
                self._next_column()
            self._line(line, font or self.font, size or self.size)
            self.y -= LEADING
        self.y -= gap

    def _line(self, line, font, size):
        writing = self.canvas.beginText(self.x, self.y)
        for place, piece in enumerate(line.replace("[", "\n[").replace("]", "]\n").split("\n")):
            if place % 2 and piece.strip("[]").isdigit():
                writing.setFont(font, size * 0.6)
                writing.setRise(4)
                writing.textOut(piece.strip("[]"))
                writing.setRise(0)
            else:
                writing.setFont(font, size)
                writing.textOut(piece)
        self.canvas.drawText(writing)

    def _next_column(self):
        self.column += 1
        if self.column >= self.columns:
            self.turn()
        self.y = self.tops

    def turn(self):
        """Finish the page: notes at its foot, the running head and the number that all pages bear."""
        self.canvas.setFont(self.font, self.size * 0.8)
        for place, note in enumerate(self.notes):
            self.canvas.drawString(60, 96 - 10 * place, note)
        self.canvas.drawString(60, HEIGHT - 40, self.head or "")
        self.canvas.drawCentredString(WIDTH / 2, 40, str(self.page))
        self.canvas.showPage()
        self.page, self.column, self.notes, self.tops = self.page + 1, 0, [], HEIGHT - 80
        self.y = self.tops

    def bytes(self):
        self.turn()
        self.canvas.save()
        return self.file.getvalue()


def read(body, **hints):
    return extract(body, content_type="application/pdf", hints=Hints(**hints), now=NOW)


def zones(found, kind):
    return [found.text[zone.start : zone.end] for zone in found.zones if zone.kind == kind]


@pytest.fixture(scope="module")
def report():
    press = Press()
    press.canvas.setTitle("Microsoft Word - corridor_final2.doc")
    press.canvas.setAuthor("a.berg")
    press.head = "Institute of Ports | Policy Brief"
    press.across("A Corridor for Two Ports", 20)
    press.across("By Anna Berg, 11 June 2024", 10, "Helvetica")
    press.paragraph(ENGLISH[0])
    press.paragraph("The costs of waiting", "Helvetica-Bold", 12)
    press.paragraph(ENGLISH[1])
    press.notes = ["1 Customs Yearbook of the Lake States, volume 4, pp. 12-19."]
    press.y = 130
    for text in ENGLISH[2:]:
        press.paragraph(text)
    press.paragraph("Figure 1. Days at the border by year", size=8)
    for row in (("Year", "Days", "Trucks"), ("2021", "11", "48,200"), ("2022", "9", "51,700")):
        for place, cell in enumerate(row):
            press.canvas.setFont("Helvetica", 9)
            press.canvas.drawString(press.x + place * 70, press.y, cell)
        press.y -= LEADING
    for text in MORE:
        press.turn()
        press.paragraph(text)
    return read(press.bytes())


def test_two_columns_are_read_one_after_the_other(report):
    assert report.status == "ok"
    assert zones(report, "body") == [*ENGLISH, *MORE]


def test_headings_captions_tables_and_notes_have_their_zones(report):
    assert zones(report, "heading") == ["The costs of waiting"]
    assert zones(report, "caption") == ["Figure 1. Days at the border by year"]
    assert zones(report, "table") == ["Year | Days | Trucks\n2021 | 11 | 48,200\n2022 | 9 | 51,700"]
    assert zones(report, "notes") == ["1 Customs Yearbook of the Lake States, volume 4, pp. 12-19."]
    assert report.text.endswith("volume 4, pp. 12-19.")


def test_running_heads_and_page_numbers_are_cut_and_said_to_be(report):
    assert "Policy Brief" not in report.text
    assert [cut.text for cut in report.cut if cut.kind == "page_header"] == ["Institute of Ports | Policy Brief"] * 3
    assert [cut.text for cut in report.cut if cut.kind == "page_number"] == ["1", "2", "3"]


def test_the_title_is_the_printed_one_and_no_programs_or_accounts_name(report):
    assert report.title == "A Corridor for Two Ports"
    assert report.authors == ("Anna Berg",)
    assert (report.published.date().isoformat(), report.published_quality) == ("2024-06-11", "day")
    assert report.language == "en"


@pytest.mark.parametrize(
    ("line", "notes", "authors"),
    [
        ("Anna Berg and Jonas Lind", ("Anna Berg is a senior fellow at the institute.", "Jonas Lind is an analyst there."), ("Anna Berg", "Jonas Lind")),
        ("Central Asia and South Caucasus", ("Central Asia is where the ferries land.",), ()),
    ],
)  # fmt: skip
def test_names_below_the_title_are_the_authors_where_the_report_says_what_they_are(line, notes, authors):
    press = Press(columns=1)
    press.across("A Corridor for Two Ports", 20)
    for text in (line, *ENGLISH, *notes):
        press.paragraph(text)
    assert read(press.bytes()).authors == authors


@pytest.mark.parametrize(
    ("texts", "font", "language"),
    [(GERMAN, "Helvetica", "de"), (FRENCH, "Times-Roman", "fr"), (RUSSIAN, SONG, "ru"), (CHINESE, SONG, "zh")],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_every_language_is_read_whole_with_its_broken_words_mended(texts, font, language, columns):
    press = Press(font, 7.0 if font == SONG and columns == 2 else 9.0, columns)
    press.foot = press.tops - LEADING * sum(len(press.broken(text)) for text in texts) / 2
    for text in texts:
        press.paragraph(text)
    found = read(press.bytes(), title="Report")
    assert found.text.split("\n\n") == texts
    assert found.language == language


def test_a_paragraph_goes_on_over_a_page():
    press = Press(columns=1)
    press.y = 121
    whole = " ".join(ENGLISH).replace("[1]", "")
    press.paragraph(whole)
    press.paragraph("The end of the matter is that nobody waits.")
    assert read(press.bytes(), title="x").text.split("\n\n") == [whole, "The end of the matter is that nobody waits."]


def test_a_contents_page_is_no_text():
    press = Press(columns=1)
    press.paragraph("Contents", "Helvetica-Bold", 14)
    for name, number in (("Introduction", 1), ("What was promised", 4), ("What was done", 9)):
        press.paragraph(f"{name} {'.' * 60} {number}", gap=0)
    press.turn()
    press.paragraph(ENGLISH[0])
    found = read(press.bytes())
    assert found.text == ENGLISH[0]
    assert "What was promised" in next(cut.text for cut in found.cut if cut.kind == "contents")


def test_the_time_of_the_file_is_only_a_guess_and_the_feeds_word_goes_before_it():
    press = Press()
    press.paragraph(ENGLISH[0])
    body = press.bytes().replace(b"/CreationDate (D:", b"/CreationDate (D:20240305101500+03'00') /Old (D:")
    alone = read(body)
    assert (alone.published.isoformat(), alone.published_quality) == ("2024-03-05T10:15:00+03:00", "guess")
    fed = read(body, published=datetime(2024, 6, 12, 9, tzinfo=UTC), published_quality="exact")
    assert (fed.published.isoformat(), fed.published_quality) == ("2024-06-12T09:00:00+00:00", "exact")


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Microsoft Word - x.doc", "The Printed Title of the Report"),
        ("untitled", "The Printed Title of the Report"),
        ("PowerPoint Presentation", "The Printed Title of the Report"),
        ("brief_2024_final.indd", "The Printed Title of the Report"),
        ("The printed title of the report: second edition", "The Printed Title of the Report"),
    ],
)
def test_a_files_own_title_is_believed_only_where_the_page_bears_it_out(stated, title):
    press = Press()
    press.canvas.setTitle(stated)
    press.across("The Printed Title of the Report", 20)
    for text in ENGLISH:
        press.paragraph(text)
    assert read(press.bytes()).title == title


def test_the_feeds_title_goes_before_the_files_where_nothing_is_printed_large():
    press = Press()
    press.canvas.setTitle("A template of the press office")
    press.paragraph(ENGLISH[0])
    assert read(press.bytes(), title="Ports and corridors").title == "Ports and corridors"


def test_a_scan_is_said_to_be_one():
    press = Press()
    grey = ImageReader(io.BytesIO(b"P5 20 28 255\n" + bytes(range(256))[:140] * 4))
    for _ in range(3):
        press.canvas.drawImage(grey, 0, 0, WIDTH, HEIGHT)
        press.canvas.showPage()
    press.canvas.save()
    found = read(press.file.getvalue())
    assert (found.status, found.reason, found.text) == ("no_article", "scanned", "")


def test_a_locked_report_is_said_to_be_locked():
    press = Press(encrypt=StandardEncryption("secret", ownerPassword="owner"))
    press.paragraph(ENGLISH[0])
    found = read(press.bytes())
    assert (found.status, found.reason) == ("no_article", "encrypted_pdf")


def test_a_report_that_only_may_not_be_printed_is_read():
    press = Press(encrypt=StandardEncryption("", ownerPassword="owner", canPrint=0))
    press.paragraph(ENGLISH[0])
    assert read(press.bytes()).text == ENGLISH[0]


@pytest.mark.parametrize("body", [b"%PDF-1.7\n%\xe2\xe3\n1 0 obj <<>>", b"%PDF-", b"nothing of the kind"])
def test_what_is_no_whole_pdf_is_said_to_be_broken(body):
    found = read(body)
    assert (found.status, found.reason) == ("no_article", "broken_pdf")


def test_an_empty_report_is_no_article():
    canvas = Canvas(file := io.BytesIO())
    canvas.showPage()
    canvas.save()
    found = read(file.getvalue())
    assert (found.status, found.reason) == ("no_article", "empty")


def test_a_page_that_is_served_as_pdf_is_still_a_page():
    page = "<html><title>The port</title><body><h1>The port</h1>" + "".join(f"<p>{text}</p>" for text in ENGLISH) + "</body></html>"
    assert read(page.encode()).status == "ok"


def test_a_page_that_lies_on_its_side_is_read_upright():
    canvas = Canvas(file := io.BytesIO(), pagesize=(WIDTH, HEIGHT))
    canvas.setPageRotation(90)
    canvas.rotate(90)
    canvas.translate(0, -WIDTH)
    for place, line in enumerate(["The corridor between the two ports was planned", "in the spring, and nobody has forgotten it."]):
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, WIDTH - 80 - 14 * place, line)
    canvas.save()
    assert read(file.getvalue()).text == "The corridor between the two ports was planned in the spring, and nobody has forgotten it."
