"""The reports of the replay as PDF files, printed beforehand into `reports/`, so that no run needs a typesetter.

`python -m pipelines.replay.reports` prints them anew after an article file has changed (it needs reportlab, of the development group).
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pipelines.replay.articles import Article, load_articles
from pipelines.replay.blocks import read_blocks
from pipelines.replay.gold import plain

FOLDER = Path(__file__).parent / "reports"
PDF = ".pdf"  # what is appended to the path of a report's page to get the report
PAGE = (230, 240)  # points: small, so that a short report has several pages
MARGIN = 30


@cache
def report_pdf(slug: str) -> bytes:
    """The report beside an article. Raises FileNotFoundError when it was never printed."""
    return (FOLDER / f"{slug}.pdf").read_bytes()


def print_report(article: Article) -> bytes:
    """Typeset a report: small numbered pages; the same bytes for the same text."""
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415 - only whoever prints needs it
    from reportlab.platypus import Paragraph, SimpleDocTemplate  # noqa: PLC0415

    style = getSampleStyleSheet()
    file = BytesIO()

    def frame(canvas: Any, page: Any) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawRightString(PAGE[0] - MARGIN, MARGIN / 2, str(page.page))

    body = [
        Paragraph(escape(plain(line)), style["Heading2" if block.kind == "heading" else "BodyText"])
        for block in read_blocks(article.report)
        for line in block.lines
    ]
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    made = SimpleDocTemplate(file, pagesize=PAGE, title=article.title, author=article.front.byline, invariant=1, **margins)
    made.build([Paragraph(escape(article.title), style["Title"]), *body], onFirstPage=frame, onLaterPages=frame)
    return file.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for report in (article for article in load_articles() if article.report):
        (FOLDER / f"{report.slug}.pdf").write_bytes(print_report(report))
