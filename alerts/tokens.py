"""Signed links: who may stop or change what, without a log-in. Keys come from the environment; the first signs, all are good.

To rotate: put a new key in front; drop the old one when no mail that bears it matters any more. Not here: the pages behind the
links (pipelines), the bounce address (bounces.py).
"""

import hmac
from collections.abc import Sequence
from typing import Literal, NamedTuple

from itsdangerous import BadData, URLSafeSerializer

Purpose = Literal["unsubscribe", "preferences", "feed"]
SHORTEST_KEY = 16
_TAG_LENGTH = 16


class Grant(NamedTuple):
    """What a link allows: for one subscriber, these of their subscriptions (none named: all)."""

    subscriber_id: str
    subscription_ids: tuple[str, ...] = ()


class Signer:
    """Signs and reads links. `keys`: secrets, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)

    def __bool__(self) -> bool:
        return bool(self.keys)

    def sign(self, purpose: Purpose, grant: Grant) -> str:
        """A token for an address; the same grant always has the same one, so that a mail sent again is the same mail."""
        return str(self._serializer(purpose).dumps([grant.subscriber_id, *grant.subscription_ids]))

    def read(self, purpose: Purpose, token: str) -> Grant | None:
        """What the token allows; None for a forged or damaged one, and for one of another purpose."""
        if not self.keys:
            return None
        try:
            who, *subscriptions = self._serializer(purpose).loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return Grant(who, tuple(subscriptions))

    def tag(self, word: str) -> str:
        """A short signature of a word, of lower-case letters and digits, for places that are short and know no case."""
        return _tag(self.keys[0], word)

    def tagged(self, word: str, tag: str) -> bool:
        """Whether one of the keys made this tag."""
        return any(hmac.compare_digest(_tag(key, word), tag.lower()) for key in self.keys)

    def _serializer(self, purpose: Purpose) -> URLSafeSerializer:
        # itsdangerous signs with the last key of its list and accepts all.
        return URLSafeSerializer(list(reversed(self.keys)), salt=f"thinkwatch.{purpose}")


def _tag(key: str, word: str) -> str:
    return hmac.new(key.encode(), f"thinkwatch.tag.{word}".encode(), "sha256").hexdigest()[:_TAG_LENGTH]
