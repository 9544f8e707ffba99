"""What is known of one source, gathered from its file and the analysts' copy, and told line by line.

Each section is a function that takes the report and gives lines: a new kind of knowledge is one more of `SECTIONS`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from assets.fetching.polling import ADVICE, usual_gap
from assets.sources.registry import Defined
from pipelines.settings import Settings
from pipelines.words import counted
from warehouse.errors import ThinkwatchError
from warehouse.publish import AnalystsCopy
from warehouse.queries import statements

Report = dict[str, Any]
Lines = Iterator[str]

FEW = 6  # rules of a template that are shown
LONGEST = 60  # characters of a rule's text or place

KINDS = {  # one, several
    "place": ("place where all is furniture", "places where all is furniture"),
    "line": ("line at its place", "lines at their places"),
    "text": ("line wherever it stands", "lines wherever they stand"),
}
PAGES_ADVICE = {
    "blocked": "Ask the site to let our robot read its pages; meanwhile the feed's own text is kept.",
    "failing": "Open the page in a browser; meanwhile the feed's own text is kept, and the pages are tried again.",
}


def health(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """The rows of `source_health` by source id; empty before anything was published."""
    found: dict[str, list[dict[str, Any]]] = {}
    if settings.published.exists():
        for row in AnalystsCopy(settings.published).rows("FROM source_health"):
            found.setdefault(row["source_id"], []).append({"pages_state": None} | row)
    return found


def report(settings: Settings, defined: Defined, *, takes_part: bool) -> Report:
    """Everything that `sources show` tells of a source; what the copy knows is empty before the first run."""
    source = defined.source
    known = _stored(settings, source.id) if settings.file and settings.published.exists() else {}
    return {
        "id": source.id,
        "definition": source.model_dump(exclude_none=True),
        "file": str(defined.path),
        "overlay": defined.overlay,
        "takes_part": takes_part,
        "feeds": known.get("feeds", []),
        "entries": known.get("entries", {}),
        "pages": known.get("pages", []),
        "pages_health": known.get("pages_health", {}),
        "merges": known.get("merges", {}),
        "template": known.get("template", {}),
    }


def describe(known: Report) -> Lines:
    """The report as lines for a terminal."""
    for number, section in enumerate(SECTIONS):
        lines = list(section(known))
        if lines and number:
            yield ""
        yield from lines


def _stored(settings: Settings, source_id: str) -> Report:
    copy = AnalystsCopy(settings.published)

    def ask(name: str, **more: Any) -> list[dict[str, Any]]:
        return copy.rows(statements()[name], source_id=source_id, **more)

    feeds = ask("feeds_of_source")
    dates = [row["published_at"] for row in ask("recent_publications", entry_ids=[])]
    for feed in feeds:
        feed["to_do"] = "" if feed["state"] in {"working", "new"} else ADVICE[feed["state"]]
        gap = usual_gap(dates)
        feed["usual_gap_hours"] = round(gap / timedelta(hours=1), 1) if gap else None
    of_pages = next((row for row in health(settings).get(source_id, [])), {})
    return {
        "feeds": feeds,
        "entries": ask("entry_counts_of_source")[0],
        "pages": ask("page_states_of_source"),
        "pages_health": {name: value for name, value in of_pages.items() if name.startswith("pages_")},
        "merges": _newer(ask, "merge_counts_of_source"),
        "template": _newer(ask, "template_of_source"),
    }


def _newer(ask: Any, name: str) -> dict[str, Any]:
    """The row of a statement, {} without one: also where the copy was published before there was its table."""
    try:
        return next(iter(ask(name)), {})
    except ThinkwatchError:
        return {}


def _definition(known: Report) -> Lines:
    source = known["definition"]
    yield f"{source['id']} · {source['name']}" + (f" · {source['name_native']}" if source.get("name_native") else "")
    yield f"  file         {known['file']}" + (", laid over the registry's" if known["overlay"] else "")
    facts = {
        "home": source.get("home"),
        "country": source.get("country"),
        "languages": ", ".join(source.get("languages", [])),
        "time zone": source.get("timezone") or "UTC, as none is given",
        "polled": _polled(known),
        "legal note": source.get("legal_note"),
        "notes": source.get("notes"),
        "confidence": source.get("confidence"),
    }
    yield from (f"  {name:12} {value}" for name, value in facts.items() if value)


def _polled(known: Report) -> str:
    source = known["definition"]
    off = source.get("disabled_because") or "its file says enabled: false"
    if known["takes_part"]:
        return "yes" if source["enabled"] else f"no: {off}"
    reason = "" if source["enabled"] else f"\n{'':15}{off}"
    return f"no: only in the registry; take it over with: thinkwatch sources add {source['id']}{reason}"


def _feeds(known: Report) -> Lines:
    polled = {feed["url"]: feed for feed in known["feeds"]}
    for feed in known["definition"].get("feeds", []):
        yield f"Feed {feed['url']}"
        yield from _feed(polled[feed["url"]]) if feed["url"] in polled else ("  state        never polled",) if known["takes_part"] else ()
    if not known["definition"].get("feeds"):
        yield f"No feed is known. Look for one: thinkwatch sources discover {known['definition'].get('home', 'URL')}"


def _feed(feed: Mapping[str, Any]) -> Lines:
    facts = {
        "state": f"{feed['state']} since {_time(feed['state_since'])}",
        "kind": feed["kind"],
        "last good": _time(feed["last_good_at"]),
        "last asked": _time(feed["last_polled_at"]),
        "next poll": _time(feed["next_due_at"]) if feed["next_due_at"] else "never" if feed["state"] == "gone" else "with the next run",
        "rhythm": f"about every {feed['usual_gap_hours']:g} hours" if feed["usual_gap_hours"] else None,
        "asked at": feed.get("moved_url"),
        "moving to": f"{feed['permanent_url']} (said once; asked there from the second time on)" if feed["permanent_url"] else None,
        "error": feed["last_error"],
        "failures": f"{feed['failures']} in a row" if feed["failures"] else None,
        "to do": feed["to_do"],
    }
    yield from (f"  {name:12} {value}" for name, value in facts.items() if value)


def _pages(known: Report) -> Lines:
    if not known["entries"]:
        return
    count, newest = known["entries"]["entries"], known["entries"]["newest_entry_at"]
    yield f"Entries {count}" + (f", the newest seen {_time(newest)}" if newest else "")
    of_pages = known["pages_health"]
    if of_pages.get("pages_state"):
        since = f" since {_time(of_pages['pages_state_since'])}: {of_pages['pages_error']}" if of_pages["pages_state_since"] else ""
        yield f"  pages        {of_pages['pages_state']}{since}"
        yield f"  last good    {_time(of_pages['pages_good_at'])}"
        yield from (f"  to do        {PAGES_ADVICE[state]}" for state in [of_pages["pages_state"]] if state in PAGES_ADVICE)
    for row in known["pages"]:
        trouble = f": {row['last_error']}" if row["last_error"] else ""
        yield f"  {row['page_state']:12} {row['entries']}{trouble}"


def _merged(known: Report) -> Lines:
    count = known["merges"].get("merges", 0)
    if count:
        undone = f", {known['merges']['undone']} undone" if known["merges"]["undone"] else ""
        yield f"Merges {count}{undone}: entries that came back under another guid or address"
        yield f"  see them     thinkwatch sources merges {known['id']}"


def _template(known: Report) -> Lines:
    learnt = known["template"]
    if not learnt:
        return
    rules = sorted(learnt["rules"], key=lambda rule: (-rule["seen"], list(KINDS).index(rule["kind"])))
    yield f"Template {learnt['version']}: what recurs on its pages and is cut as furniture"
    yield f"  learnt       {_time(learnt['learnt_at'])}, from {counted(learnt['pages'], 'page')}"
    yield f"  anew         {_time(learnt['expires_at'])} at the latest"
    counts = Counter(rule["kind"] for rule in rules)
    said = ", ".join(counted(counts[kind], *words) for kind, words in KINDS.items() if counts[kind])
    yield f"  rules        {said or 'none: nothing recurs'}"
    yield from (f"  {_rule(rule, learnt['pages'])}" for rule in rules[:FEW])
    if len(rules) > FEW:
        yield f"  … and {len(rules) - FEW} more: thinkwatch sources show {known['id']} --json"


def _rule(rule: Mapping[str, Any], pages: int) -> str:
    what = "whatever stands" if rule["kind"] == "place" else f"«{_short(rule['text'])}»"
    where = f"in {_short(' > '.join(rule['place'].split(' > ')[:2]))}" if rule["place"] else "anywhere"
    return f"{rule['kind']:12} {what} {where}, on {rule['seen']} of {pages} pages"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


SECTIONS = (_definition, _feeds, _pages, _merged, _template)
