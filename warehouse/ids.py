"""Ids: hashes made in Python, the same on every machine and at every re-run, so that loads are idempotent."""

from hashlib import blake2b


def hashed(*parts: str) -> str:
    """20 hexadecimal characters that stand for these texts, in this order."""
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
