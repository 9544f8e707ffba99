"""The subscribers' pages: stop by one click, choose how often, read the alerts as a feed; and a health page for the operator.

No log-in: a signed link says who may do what (tokens.py). GET never changes anything, because link scanners follow every link of
a mail. Each request that reads or writes the store is one transaction of some milliseconds under the writer's lock, for which it
waits as long as `warehouse.lock_seconds`; a run holds that lock only for its own short transactions. When it is not free in
time the answer is 503 and nothing has changed. Not here: what a stop means for pending mail (outbox.py), the server (pipelines).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from alerts.atom import atom
from alerts.enrolment import Preference, choose, read_preferences
from alerts.mailing import MailSettings, template
from alerts.schedule import FREQUENCIES, Frequency
from alerts.tokens import Grant, Purpose
from alerts.wording import wording
from warehouse.database import Warehouse
from warehouse.errors import StoreBusyError
from warehouse.transaction import Row

LONGEST_BODY = 64 * 1024
MOST_ENTRIES = 50
LONGEST_PAUSE_DAYS = 366
GUARDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def application(warehouse: Warehouse, settings: MailSettings, now: Callable[[], datetime]) -> Starlette:
    """The pages over this store; `now` is the clock (aware UTC)."""
    desk = _Desk(warehouse, settings, now)
    routes = [
        Route("/unsubscribe/{token}", desk.ask_to_stop, methods=["GET"]),
        Route("/unsubscribe/{token}", desk.stop, methods=["POST"]),
        Route("/preferences/{token}", desk.show_preferences, methods=["GET"]),
        Route("/preferences/{token}", desk.save_preferences, methods=["POST"]),
        Route("/feed/{token}", desk.feed, methods=["GET"]),
        Route("/health", desk.health, methods=["GET"]),
    ]
    pages = Starlette(routes=routes, exception_handlers={404: desk.unknown, StoreBusyError: desk.busy})
    pages.router.redirect_slashes = False
    return pages


def _guarded(handler: Callable[["_Desk", Request, bytes], Response]) -> Callable[["_Desk", Request], Any]:
    """Reads the body (only so much of it), answers in a thread, and puts the guarding headers on."""

    @wraps(handler)
    async def answer(desk: "_Desk", request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return Response(status_code=413, headers=GUARDS)
        response = await run_in_threadpool(handler, desk, request, body)
        response.headers.update(GUARDS)
        return response

    return answer


class _Desk:
    def __init__(self, warehouse: Warehouse, settings: MailSettings, now: Callable[[], datetime]) -> None:
        self.warehouse = warehouse
        self.settings = settings
        self.now = now

    @_guarded
    def ask_to_stop(self, request: Request, _body: bytes) -> Response:
        """The confirmation page; changes nothing."""
        grant = self._grant("unsubscribe", request)
        with self.warehouse.transaction() as transaction:
            rows = _meant(transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id), grant)
        return self._page("stop", rows, asked=True)

    @_guarded
    def stop(self, request: Request, body: bytes) -> Response:
        """RFC 8058's one click, and the confirmation page's button: what waits is not sent either. The same again changes nothing."""
        grant = self._grant("unsubscribe", request)
        by = "one-click" if b"One-Click" in body else "page"
        now = self.now()
        with self.warehouse.transaction() as transaction:
            before = read_preferences(transaction)
            known = [before.get((grant.subscriber_id, one)) or Preference(grant.subscriber_id, one) for one in grant.subscription_ids]
            choose(transaction, [replace(one, stopped_at=one.stopped_at or now) for one in known], now, by=by)
            rows = _meant(transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id), grant)
        return self._page("stop", rows, asked=False, preferences=self.settings.link("preferences", Grant(grant.subscriber_id)))

    @_guarded
    def show_preferences(self, request: Request, _body: bytes) -> Response:
        """What is chosen now."""
        grant = self._grant("preferences", request)
        with self.warehouse.transaction() as transaction:
            rows = transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id)
        return self._preferences(grant, rows, saved=False)

    @_guarded
    def save_preferences(self, request: Request, body: bytes) -> Response:
        """Stop or take up again, how often, and a pause for all."""
        grant = self._grant("preferences", request)
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()}
        if "pause" not in form:
            raise HTTPException(404)  # not our form: an empty one must not stop everything
        now = self.now()
        with self.warehouse.transaction() as transaction:
            rows = [row for row in transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id) if row["offered"]]
            choose(transaction, [_chosen(row, form, now) for row in rows], now, by="page")
            rows = transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id)
        return self._preferences(grant, rows, saved=True)

    @_guarded
    def feed(self, request: Request, _body: bytes) -> Response:
        """The newest alerts of one subscription as an Atom feed."""
        grant = self._grant("feed", request)
        subscription_id = next(iter(grant.subscription_ids), "")
        with self.warehouse.transaction() as transaction:
            known = _meant(transaction.rows("subscriptions_of", subscriber_id=grant.subscriber_id), grant)
            if not known or not any(row["active"] for row in known):
                raise HTTPException(404)
            found = transaction.rows("feed_alerts", subscriber_id=grant.subscriber_id, subscription_id=subscription_id, most=MOST_ENTRIES)
        content = atom(known[0], found, address=self.settings.link("feed", grant) or "", sender=self.settings.sender_name)
        return Response(content, media_type="application/atom+xml; charset=utf-8")

    @_guarded
    def health(self, _request: Request, _body: bytes) -> Response:
        """What an operator's monitor asks: 503 when mail is stuck."""
        with self.warehouse.transaction() as transaction:
            row = transaction.row("mail_health", now=self.now()) or {}
        stuck = bool(row["parked"] or row["unsent_for_an_hour"])
        plain = {key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for key, value in row.items()}
        return JSONResponse({"well": not stuck, **plain}, status_code=503 if stuck else 200)

    async def unknown(self, _request: Request, _fault: Exception) -> Response:
        """A link that is damaged, forged, or of something that is gone: one answer for all."""
        return self._said("unknown", 404)

    async def busy(self, _request: Request, _fault: Exception) -> Response:
        """The writer's lock was not free in time."""
        return self._said("busy", 503)

    def _grant(self, purpose: Purpose, request: Request) -> Grant:
        grant = self.settings.signer.read(purpose, request.path_params["token"])
        if grant is None:
            raise HTTPException(404)
        return grant

    def _page(self, name: str, rows: list[Row], **given: Any) -> Response:
        language = rows[0]["language"] if rows else "en"
        page = template(f"{name}.page.html.j2")
        return HTMLResponse(page.render(say=wording(language), language=language, rows=rows, sender=self.settings.sender_name, **given))

    def _preferences(self, grant: Grant, rows: list[Row], *, saved: bool) -> Response:
        offered = [row for row in rows if row["offered"]]
        if not offered:
            raise HTTPException(404)
        now = self.now()
        paused = min((row["paused_until"] for row in offered if row["paused_until"] and row["paused_until"] > now), default=None)
        zone = ZoneInfo(offered[0]["timezone"])
        day = paused.astimezone(zone).date().isoformat() if paused else ""
        today = now.astimezone(zone).date()
        bounds = {"soonest": today + timedelta(days=1), "latest": today + timedelta(days=LONGEST_PAUSE_DAYS)}
        feeds = {
            one["subscription_id"]: self.settings.link("feed", Grant(grant.subscriber_id, (one["subscription_id"],))) for one in offered
        }
        return self._page("preferences", offered, saved=saved, paused=day, frequencies=FREQUENCIES, feeds=feeds, **bounds)

    def _said(self, what: str, status: int) -> Response:
        page = template("said.page.html.j2").render(
            say=wording("en"), language="en", what=what, address=self.settings.unsubscribe_mailto, sender=self.settings.sender_name
        )
        headers = GUARDS | ({"Retry-After": "60"} if status == 503 else {})  # noqa: PLR2004 - HTTP's own number
        return HTMLResponse(page, status_code=status, headers=headers)


def _meant(rows: list[Row], grant: Grant) -> list[Row]:
    return [row for row in rows if row["subscription_id"] in grant.subscription_ids]


def _chosen(row: Row, form: dict[str, str], now: datetime) -> Preference:
    """What the form says of one subscription; anything odd in it says nothing."""
    name = row["subscription_id"]
    frequency: Frequency | None = next((one for one in FREQUENCIES if one == form.get(f"frequency:{name}")), None)
    stopped = None if form.get(f"on:{name}") else row["stopped_at"] or now
    return Preference(row["subscriber_id"], name, stopped, _pause(form.get("pause", ""), row["timezone"], now), frequency)


def _pause(day: str, zone: str, now: datetime) -> datetime | None:
    """The beginning of that day by the subscriber's clock; None for no day, a past one, or one that is too far off."""
    try:
        until = datetime.combine(datetime.fromisoformat(day).date(), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return until if now < until and (until - now).days <= LONGEST_PAUSE_DAYS else None
