"""The desk, a marimo notebook: `thinkwatch desk` serves it. What it shows is made in the neighbouring modules; here it is only laid out."""

import marimo

app = marimo.App(width="medium", app_title="Thinkwatch desk")


@app.cell
def _():
    from datetime import date
    from itertools import pairwise

    import marimo as mo

    from pipelines.desk import charts, reading
    from pipelines.desk.asking import Desk, choices, plain

    desk = Desk.opened()
    kept = {}  # what was chosen, so that a newer copy does not undo it
    version, set_version = mo.state(desk.version())
    return charts, choices, date, desk, kept, mo, pairwise, plain, reading, set_version, version


@app.cell
def _(mo):
    mo.Html("""<style>
      .desk-article { max-width: 46rem; font: 1.02rem/1.6 Georgia, "DejaVu Serif", serif; overflow-wrap: anywhere }
      .desk-article h2 { font-size: 1.6rem; line-height: 1.25; margin: .2rem 0 .6rem }
      .desk-article p { margin: 0 0 .9em }
      .desk-legend mark { white-space: nowrap }
      .desk-article mark, .desk-legend mark { color: #111; padding: 0 .15em; border-radius: .2em }
      .desk-facts { color: #666; font: .85rem/1.4 system-ui, sans-serif }
      .desk-legend { font: .85rem/1.9 system-ui, sans-serif }
      .desk-revisions { table-layout: fixed; width: 100%; border-collapse: collapse; font: .95rem/1.5 Georgia, "DejaVu Serif", serif }
      .desk-revisions th { text-align: left; font: 600 .85rem system-ui, sans-serif; padding: .4rem .8rem; border-bottom: 1px solid #ccc }
      .desk-revisions td { vertical-align: top; padding: .4rem .8rem; overflow-wrap: anywhere }
      .desk-revisions td + td, .desk-revisions th + th { border-left: 1px solid #ddd }
      .desk-revisions del { background: #fbdcd6; color: #7a1f10 } .desk-revisions ins { background: #d9f0d3; color: #14501d }
    </style>""")


@app.cell
def _(mo):
    clock = mo.ui.refresh(options=["10s", "60s"], default_interval="10s", label="newer copies are looked for every")
    mo.hstack([mo.md("# Thinkwatch desk"), clock], align="end")  # here, so that no other cell runs by the clock but the next one
    return (clock,)


@app.cell
def _(clock, desk, kept, set_version):
    clock.value  # runs this cell by the clock
    if kept.get("version", desk.version()) != desk.version():
        set_version(desk.version())
    kept["version"] = desk.version()


@app.cell
def _(desk, mo, version):
    (bounds,) = desk.ask("bounds")
    mo.md(f"{bounds['articles']} articles of {len(bounds['sources'] or [])} sources · copy `{version()}`")
    return (bounds,)


@app.cell
def _(bounds, choices, date, desk, kept, mo):
    def choose(name, options, label):
        chosen = [one for one in kept.get(name, []) if one in options]
        keys = [key for key in options if (options[key] if isinstance(options, dict) else key) in kept.get(name, [])]
        return mo.ui.multiselect(
            options, value=keys if isinstance(options, dict) else chosen, label=label, on_change=lambda value: kept.update({name: value})
        )

    first, last = (bounds[name].date() if bounds[name] else date(2000, 1, 1) for name in ("first_at", "last_at"))
    entities = choose("entities", choices(desk.ask("entities")), "Watched")
    sources = choose("sources", bounds["sources"] or [], "Sources")
    languages = choose("languages", bounds["languages"] or [], "Languages")
    days = mo.ui.date_range(
        start=first, stop=last, value=kept.get("days", (first, last)), label="Dated", on_change=lambda value: kept.update(days=value)
    )
    mo.hstack([entities, sources, languages, days], justify="start", wrap=True)
    return days, entities, languages, sources


@app.cell
def _(days, entities, languages, sources):
    asked = {
        "entities": entities.value,
        "sources": sources.value,
        "languages": languages.value,
        "since": days.value[0],
        "until": days.value[1],
    }
    return (asked,)


@app.cell
def _(mo):
    page = mo.ui.tabs(dict.fromkeys(("Timeline", "Regions", "Together", "Read", "Sources"), ""))
    page
    return (page,)


@app.cell
def _(asked, charts, desk, mo, page, plain, version):
    version()

    def pages():
        rows = desk.ask("mentions", **asked) if page.value in {"Timeline", "Regions", "Together"} else []
        if page.value == "Sources":
            return mo.ui.table(plain(desk.health()), selection=None, page_size=30, show_data_types=False)
        if page.value == "Read":
            return None
        if not rows:
            return mo.md("Nothing matches: take a filter away, or choose a longer time.")
        if page.value == "Timeline":
            return mo.vstack([mo.md("Articles that name them; one counts for each that it names."), charts.Chart(charts.timeline(rows))])
        if page.value == "Together":
            return mo.vstack([mo.md("Who stands in one article with whom."), charts.Chart(charts.network(rows))])
        return mo.hstack(
            [
                mo.vstack([mo.md("**Regions**, by articles"), charts.Chart(charts.bars(rows, "region"))]),
                mo.vstack([mo.md("**Organisations**, by articles"), charts.Chart(charts.bars(rows, "organisation"))]),
            ],
            widths="equal",
        )

    pages()


@app.cell
def _(asked, desk, kept, mo, page, plain, version):
    version()
    listed = plain(desk.ask("articles", **asked)) if page.value == "Read" else []
    shown = [{name: row[name] for name in ("day", "source_id", "language", "title", "entities", "revisions")} for row in listed]
    known = next((place for place, row in enumerate(listed) if row["article_id"] == kept.get("article")), 0)
    first_row = [known] if listed else None
    table = mo.ui.table(shown, selection="single", page_size=8, initial_selection=first_row, show_download=False, show_data_types=False)
    (mo.vstack([mo.md("Tick an article to read it."), table]) if listed else mo.md("No article matches.")) if page.value == "Read" else None
    return listed, shown, table


@app.cell
def _(desk, kept, listed, mo, shown, table):
    chosen_row = table.value[0] if table.value else None
    article_id = listed[shown.index(chosen_row)]["article_id"] if chosen_row in shown else None
    kept.update({"article": article_id} if article_id else {})
    revisions = desk.ask("revisions", article=article_id) if article_id else []
    view = (
        mo.ui.radio(
            ["text", "changes"], value=kept.get("view", "text"), inline=True, label="Show", on_change=lambda value: kept.update(view=value)
        )
        if len(revisions) > 1
        else None
    )
    view
    return article_id, revisions, view


@app.cell
def _(article_id, desk, mo, pairwise, reading, revisions, view):
    if not revisions:
        shown_html = ""
    elif view is not None and view.value == "changes":
        shown_html = "<br>".join(reading.side_by_side(before, after) for before, after in pairwise(revisions))
    else:
        shown_html = reading.article(revisions[-1], desk.ask("marks", article=article_id))
    mo.Html(shown_html or "<span></span>")


if __name__ == "__main__":
    app.run()
