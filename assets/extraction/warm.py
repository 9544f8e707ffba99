"""Imported by the server that workers come from, and by nobody else: reads one page, so that no worker has to load and compile.

This is the one module that does something when it is imported.
"""

from datetime import UTC, datetime

import pypdfium2  # noqa: F401 - loaded once for all workers

from assets.extraction.extract import extract

_PROSE = "The ministers met in Vienna on 3 May 2021 and agreed that the work of the commission would be continued in the autumn. "
_PAGE = (
    f"<html><head><title>A page</title></head><body><article><h1>A page</h1><p>{_PROSE * 3}</p><p>{_PROSE * 2}</p></article></body></html>"
)

extract(_PAGE.encode(), url="https://page.example/2021/05/03/a-page", now=datetime(2021, 6, 1, tzinfo=UTC))
