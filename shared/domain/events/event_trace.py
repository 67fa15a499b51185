"""The word by which logs name an event: it leads from a request to what the event began, and tells nothing else."""

from __future__ import annotations

import hashlib

TRACE_BYTES = 8


def event_trace(pk: str, sk: str) -> str:
    """16 hexadecimal digits, made of the key of the event's item. The partition key is a keyed digest, so nobody
    without the tables can find out whose event it is."""
    raw = f"{pk}\x1f{sk}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=TRACE_BYTES).hexdigest()
