"""The body of a request as bytes, refused with the right status if it cannot be read."""

from __future__ import annotations

from shared.domain.events.refusals import Malformed, TooLarge
from shared.domain.events.size_limits import BODY_BYTES
from shared.http.answers import malformed, too_large
from shared.http.request import Request


def body_of(request: Request, *, at_most: int | None = None) -> bytes:
    """The body, decoded and decompressed.

    Raises
    ------
    Problem
        400 if it is not what its headers say, 413 if it is larger than a request may be, or than ``at_most`` bytes.
    """
    try:
        raw = request.body() if at_most is None or at_most <= BODY_BYTES else request.body(at_most)
    except Malformed as broken:
        raise malformed(str(broken)) from broken
    except TooLarge as large:
        raise too_large(str(large)) from large
    if at_most is not None and len(raw) > at_most:
        raise too_large(f"the body is larger than {at_most // 1_000} KB")
    return raw
