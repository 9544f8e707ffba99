"""The alerts of one subscription as an Atom feed (RFC 4287): rows in, bytes out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from alerts.passages import clean
from alerts.records import readable
from alerts.wording import wording
from warehouse.transaction import Row

NAMESPACE = "http://www.w3.org/2005/Atom"


def atom(subscription: Row, found: Sequence[Row], *, address: str, sender: str) -> bytes:
    """The document. `found` are rows of `feed_alerts`, newest first; what comes from pages is text, never markup."""
    say = wording(subscription["language"])
    feed = Xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": subscription["language"]})
    _add(feed, "id", f"urn:thinkwatch:subscription:{subscription['subscriber_id']}:{subscription['subscription_id']}")
    _add(feed, "title", f"{sender}: {subscription['rule_text']}")
    _add(feed, "updated", _time(found[0]["created_at"] if found else datetime(1970, 1, 1, tzinfo=UTC)))
    _add(Xml.SubElement(feed, "author"), "name", sender)
    Xml.SubElement(feed, "link", {"rel": "self", "href": address})
    for row in found:
        entry = Xml.SubElement(feed, "entry")
        _add(entry, "id", f"urn:thinkwatch:alert:{row['alert_id']}")
        kind = {"removal": "removal_subject", "withdrawal": "withdrawal_subject"}.get(row["kind"])
        _add(entry, "title", (f"{say[kind].format(_removed(row))}: " if kind else "") + f"{row['title']} ({row['source_name']})")
        _add(entry, "updated", _time(row["created_at"]))
        if row["published_at"]:
            _add(entry, "published", _time(row["published_at"]))
        if row["url"]:
            Xml.SubElement(entry, "link", {"rel": "alternate", "href": clean(row["url"])})
        _add(entry, "summary", row["sentence"] or row["reason"])
    return Xml.tostring(feed, encoding="utf-8", xml_declaration=True)


def _removed(row: Row) -> str:
    """The names that the article no longer has, in the subscriber's language."""
    labels: dict[str, str] = {}
    for asked in json.loads(row["rule"]):
        labels |= asked["rule"].get("labels", {})
    return ", ".join(labels.get(entity) or readable(entity) for entity in row["removed"] or ())


def _add(parent: Xml.Element, name: str, text: str) -> None:
    # `clean` also takes out what XML cannot hold.
    Xml.SubElement(parent, name).text = clean(text.replace("\ufffe", "").replace("\uffff", ""))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
