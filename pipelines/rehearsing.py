"""A subscription of the operator's files over the analysts' copy: what `alerts preview`, `alerts test` and `backtest` share.

Here: reading files and copy. Not here: deciding (alerts.rehearsal).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.parcels import Digest, Parcel, read_weekly
from alerts.records import Subscription
from alerts.rehearsal import BEGINNING, Rehearsal, digest_of, parcel_of, past_candidates, rehearse
from assets.watching import read_subscriptions, watched_in_store
from pipelines.settings import Settings
from warehouse.errors import ConfigError
from warehouse.publish import AnalystsCopy
from warehouse.transaction import Transaction

MOST_IN_A_DIGEST = 200


def rehearsed(settings: Settings, wanted: str, *, since: datetime | None = None) -> tuple[Subscription, Rehearsal]:
    """What this subscription would have told since then (None: ever).

    Raises ConfigError when there is no such subscription, StoreError when nothing was published yet.
    """
    with AnalystsCopy(settings.published).connect() as connection:
        transaction = Transaction(connection)
        subscriptions = _subscriptions(settings, transaction)
        found = next((one for one in subscriptions if one.id == wanted), None)
        if found is None:
            raise ConfigError(f"no such subscription: {wanted}", hint=f"known: {', '.join(sorted(one.id for one in subscriptions))}")
        return found, rehearse(past_candidates(transaction, since or BEGINNING, [one.rule for one in subscriptions]), found, subscriptions)


def letter(settings: Settings, wanted: str | None, frequency: str | None, now: datetime, *, address: str | None = None) -> Parcel | Digest:
    """A mail of this subscription (None: of the first one that has something to tell) on its newest articles.

    Raises ConfigError when there is nothing to tell.
    """
    for name in [wanted] if wanted else subscription_ids(settings):
        _, rehearsal = rehearsed(settings, name)
        if rehearsal.alerts:
            break
    else:
        raise ConfigError("none of the stored articles is hit", hint="run: thinkwatch run   or widen the rule")
    if not frequency:
        return parcel_of(rehearsal.alerts[-1], now, address=address)
    parcels = [parcel_of(alert, now, address=address) for alert in rehearsal.alerts[-MOST_IN_A_DIGEST:]]
    digest = digest_of(parcels, frequency, now)
    return _with_chart(settings, digest, rehearsal) if frequency == "weekly" else digest


def _with_chart(settings: Settings, digest: Digest, rehearsal: Rehearsal) -> Digest:
    # As of the newest article, so that an archive of years ago has something to show.
    until = rehearsal.alerts[-1].candidate.first_seen_at + timedelta(minutes=1)
    with AnalystsCopy(settings.published).connect() as connection:
        return replace(digest, weekly=read_weekly(Transaction(connection), digest.items, until))


def subscription_ids(settings: Settings) -> Sequence[str]:
    """The subscriptions of the operator's files."""
    with AnalystsCopy(settings.published).connect() as connection:
        return [one.id for one in _subscriptions(settings, Transaction(connection))]


def _subscriptions(settings: Settings, transaction: Transaction) -> Sequence[Subscription]:
    paths = [settings.path(place) for place in settings.subscriptions]
    channel = "mail" if settings.mail.transport == "smtp" else "eml"
    return read_subscriptions(paths, watched_in_store(transaction), channel)
