"""An outage of DynamoDB, played: how the functions of the stack meet it, until it is ended."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field

OUTAGE = "/_kervan/outage"
"""POST with ``?kind=errors``, ``silence`` or ``none``; the answer counts the requests that met it."""
NONE, ERRORS, SILENCE = "none", "errors", "silence"
KINDS = (NONE, ERRORS, SILENCE)
"""``errors``: every request is answered with 500. ``silence``: none is answered, and the connection stays open."""

_BODY = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"an outage is played"}'


@dataclass
class Outage:
    """What the port for tables does in place of the work. Nothing is written or read while it lasts."""

    kind: str = NONE
    met: Counter[str] = field(default_factory=Counter)

    def begin(self, kind: str) -> dict[str, object]:
        """Raises ValueError for a kind that there is not."""
        if kind not in KINDS:
            raise ValueError(kind)
        self.kind = kind
        return {"kind": kind, "met": dict(self.met)}

    def answer(self) -> tuple[int, dict[str, str], bytes] | None:
        """What a request is answered, or None for nothing at all; call only while an outage is played."""
        self.met[self.kind] += 1
        if self.kind == SILENCE:
            return None
        return 500, {"content-type": "application/x-amz-json-1.0", "x-amz-crc32": str(zlib.crc32(_BODY))}, _BODY
