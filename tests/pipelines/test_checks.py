"""The check of a source's scores, on the real store."""

from datetime import timedelta

from pipelines.checks import LATEST, jumps


def test_a_source_whose_pages_are_read_worse_since_a_day_is_named_with_the_day_and_the_page(warehouse, now):
    rows = [
        {
            "page_id": f"{source}{number:02}", "article_id": f"{source}{number:02}", "source_id": source, "fetched_at": now + timedelta(days=number),
            "verdict": "ok", "score": 0.3 if source == "ill" and number >= 30 else 0.9, "characters": 1, "link_density": 0.0, "cut_share": 0.0,
            "zones": [], "dated": True, "titled": True, "extractor": "zones/1", "template_id": None,
        }
        for source in ("ill", "well")
        for number in range(38)
    ]  # fmt: skip
    with warehouse.transaction() as transaction:
        transaction.merge("extractions", rows, key=["page_id"])
        found = jumps(transaction.rows("latest_scores", most=LATEST))
    assert found == [
        {"source": "ill", "since": (now + timedelta(days=30)).date().isoformat(), "before": 0.9, "after": 0.3, "page": "ill30"}
    ]
