"""Which PDF files a page offers as the article itself."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract

NOW = datetime(2024, 5, 7, tzinfo=UTC)
URL = "https://institute.example/2024/05/bridges"
PROSE = (
    "<p>Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.</p>"
    "<p>Both ministries said that the experts would meet again in the autumn and that the survey of the line goes on.</p>"
    "<p>The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.</p>"
)


def offered(*, head="", below="", around="{}", url=URL):
    body = around.format(f"<main><article><h1>The bridges</h1>{PROSE}{below}</article></main>")
    found = extract(
        f"<html lang=en><head><title>The bridges</title>{head}</head><body>{body}</body></html>".encode(),
        url=url,
        content_type="text/html; charset=utf-8",
        now=NOW,
    )
    assert found.status == "ok"
    return found


@pytest.mark.parametrize(
    "button",
    [
        '<div class="wp-block-file"><a href="/files/bridges.pdf">The bridges</a></div>',
        '<span class="file file--application-pdf"><a href="/files/bridges.pdf">bridges.pdf</a></span>',
        '<p><a href="/files/bridges.pdf">Download the report</a></p>',
        '<p><a href="https://files.institute.example/files/bridges.pdf?v=2">PDF, 2 MB</a></p>',
        '<a class="btn btn-download" href="https://cdn.elsewhere.example/b/bridges.PDF">Report</a>',
        '<p><a href="/files/bridges.pdf">Скачать доклад</a></p>',
        '<p><a href="/files/bridges.pdf">Télécharger le rapport</a></p>',
        '<p><a href="/files/bridges.pdf">下载全文</a></p>',
    ],
)
def test_a_button_for_the_report_is_found_and_not_kept_as_text(button):
    found = offered(below=button)
    assert len(found.documents) == 1
    assert "bridges." in found.documents[0].lower()
    assert found.documents[0] in found.attachments


def test_what_a_page_states_for_libraries_comes_first_whatever_its_host():
    stated = '<meta name="citation_pdf_url" content="https://cdn.elsewhere.example/bridges-en.pdf">'
    found = offered(head=stated, below='<p><a href="/files/bridges.pdf">Download PDF</a></p>')
    assert found.documents == ("https://cdn.elsewhere.example/bridges-en.pdf", "https://institute.example/files/bridges.pdf")


@pytest.mark.parametrize(
    ("below", "around"),
    [
        (
            '<p>As <a href="/files/earlier.pdf">an earlier paper</a> of the institute on the same three routes has shown in detail.</p>',
            "{}",
        ),
        ('<h2>Notes</h2><ol class="footnotes"><li><a href="https://un.example/res.pdf">Resolution 12 (PDF)</a></li></ol>', "{}"),
        ('<p><a href="https://ministry.example/law.pdf">Download the law (PDF)</a></p>', "{}"),
        ("", '{}<footer><a class="download" href="/annual-report.pdf">Download our annual report</a></footer>'),
        ("", '<nav><a class="pdf" href="/statutes.pdf">Statutes (PDF)</a></nav>{}'),
        ("", '<div role="banner"><a class="download" href="/brochure.pdf">Brochure (PDF)</a></div>{}'),
        ('<div class="related-posts"><h3>Related Posts</h3><p><a href="/other.pdf">Download another paper (PDF)</a></p></div>', "{}"),
        ('<p><a href="javascript:x.pdf">Download PDF</a> <a href="#x.pdf">PDF</a></p>', "{}"),
        ('<p><a href="/files/bridges.docx">Download the report</a></p>', "{}"),
    ],
)
def test_what_is_cited_lies_elsewhere_or_hangs_in_the_sites_frame_is_not_the_articles_own(below, around):
    assert offered(below=below, around=around).documents == ()


def test_a_page_that_lists_many_files_offers_the_first_ones():
    files = "".join(f'<p><a class="download" href="/{number}.pdf">Part {number}</a></p>' for number in range(30))
    assert len(offered(below=files).documents) == 5


@pytest.mark.parametrize(
    ("host", "link", "own"),
    [
        ("www.institute.org.uk", "https://other.org.uk/bridges.pdf", False),
        ("www.institute.org.uk", "https://files.institute.org.uk/bridges.pdf", True),
        ("institute.ru", "https://cdn.institute.ru/bridges.pdf", True),
        ("127.0.0.1", "http://127.0.0.1/bridges.pdf", True),
    ],
)
def test_a_site_is_what_belongs_to_one_owner(host, link, own):
    assert bool(offered(below=f'<p><a href="{link}">Download PDF</a></p>', url=f"https://{host}/a").documents) is own
