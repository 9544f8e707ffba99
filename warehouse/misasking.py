"""What to say of a statement that DuckDB refuses: its reason, the line that it points to, and what to do."""

import duckdb

from warehouse.errors import ConfigError

LOOK = "see what can be queried: thinkwatch views"
# kind of DuckDB's error → what to do; the first that fits
_HINTS: tuple[tuple[type[duckdb.Error], str, str], ...] = (
    (duckdb.InvalidInputException, "read-only", "the copy is for reading only; to keep a result use --csv, --json or --parquet"),
    (duckdb.ParserException, "", "mend the statement at the mark; a text stands in 'single' quotation marks, a name in \"double\" ones"),
    (duckdb.BinderException, "column", "see a table's columns: thinkwatch views TABLE"),
    (duckdb.CatalogException, "", LOOK),
    (duckdb.ConversionException, "", "a value has another form than is asked for; TRY_CAST gives NULL instead"),
    (duckdb.OutOfMemoryException, "", "ask for less at once: a shorter time, fewer columns"),
    (duckdb.IOException, "", "check the path and its permissions"),
)


def misasked(fault: duckdb.Error) -> ConfigError:
    """The error for a person: DuckDB's words, its mark below the line it means, its guess as the hint where it has one."""
    paragraphs = [part for part in str(fault).split("\n\n") if part.strip()]
    first, *guesses = paragraphs[0].splitlines()
    marked = next((part for part in paragraphs[1:] if part.startswith("LINE ")), "")
    shown = "".join(f"\n  {line}" for line in marked.splitlines()[-2:])
    hint = next((hint for kind, words, hint in _HINTS if isinstance(fault, kind) and words in str(fault)), LOOK)
    hint = hint if shown else hint.replace(" at the mark", "")  # DuckDB does not always say where
    guess = " ".join(one for one in guesses if one and "pg_" not in one)
    return ConfigError(first + shown, hint=f"{guess.rstrip('.')}; {hint}" if guess else hint)
