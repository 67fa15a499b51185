"""What the sign-up form and the form of the code have in common: reading fields, and limits per visitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any
from urllib.parse import parse_qs

from functions.ingest.environment import Environment
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds
from shared.http.answers import Problem, malformed
from shared.http.request import Request
from shared.http.request_body import body_of

LONGEST_BODY = 4_000
LONGEST_FIELD = 320
PER_NETWORK = 20
"""Sign-ups an hour from one IPv6 network: a subscriber has one of his own, so nobody shares it."""
CODES_PER_SIGN_UP = 3
"""Codes that a visitor may try, for each sign-up that he may send."""
HOUR, DAY = 1, 24
_PREFIX = "signup#"


def is_form(request: Request) -> bool:
    """Whether a page sent it, which gets a page back."""
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def fields_of(request: Request) -> dict[str, Any]:
    """The fields of a form or of JSON.

    Raises
    ------
    Problem
        400 for what cannot be read.
    """
    body = body_of(request)
    if len(body) > LONGEST_BODY:
        raise malformed(f"a sign-up has at most {LONGEST_BODY} bytes")
    return _form(body) if is_form(request) else _json(body)


def text_field(fields: dict[str, Any], name: str) -> str:
    """
    Raises
    ------
    Problem
        400 if it is no text.
    """
    value = fields.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_FIELD:
        raise malformed(f"{name} is a text")
    return value.strip()


def hold_back(
    composed: Environment, ip: str, limits: SignUpLimits, now: datetime, *, what: str = "visitor", times: int = 1
) -> None:
    """By the keyed digest of the network that the request came from, which is kept for two hours. A visitor may do it
    ``times`` as often as he may sign up.

    Raises
    ------
    Problem
        429 for every request of an hour beyond these.
    """
    network = network_of(ip)
    visitor = composed.keys(Identifier(IdentifierType.DEVICE, f"{what}:{network}"))
    most = min(limits.per_visitor, PER_NETWORK) if ":" in network else limits.per_visitor
    if too_often(composed, visitor, most * times, now, HOUR):
        raise too_many("from here", now, HOUR)


def too_many(where: str, now: datetime, hours: int) -> Problem:
    """``Retry-After`` is the end of these hours of the clock."""
    left = hours * 3600 - int(now.timestamp()) % (hours * 3600)
    sentence = f"too many sign-ups {where}; try again when the {'hour' if hours == HOUR else 'day'} is over"
    return Problem(429, "too_many_sign_ups", sentence, {"retry-after": str(left)})


def too_often(composed: Environment, who: str, most: int, now: datetime, hours: int) -> bool:
    """Counts this one, and says whether there were too many in these hours of the clock."""
    expires = int((now + timedelta(hours=2 * hours)).timestamp())
    pk, window = _counter(who, now, hours)
    return composed.messages.add(pk, window, {"count": 1}, set_to={"expires": expires})["count"] > most


def used_up(composed: Environment, most: Mapping[tuple[str, int], int], now: datetime) -> int:
    """In how many hours one more would be too many, the longest of them, and 0 if it would not, by the most for who
    and in how many hours; one request, and nothing is counted."""
    counters = {_counter(who, now, hours): limit for (who, hours), limit in most.items()}
    counts = {(item["pk"], item["sk"]): item["count"] for item in composed.messages.get_many(list(counters))}
    full = {counter for counter, limit in counters.items() if counts.get(counter, 0) >= limit}
    return max((hours for who, hours in most if _counter(who, now, hours) in full), default=0)


def _counter(who: str, now: datetime, hours: int) -> tuple[str, str]:
    return f"{_PREFIX}{who}", f"{hours}h#{milliseconds(now) // (hours * 3_600_000)}"


def network_of(ip: str) -> str:
    """The address itself; of IPv6 the first 64 bits, which one household or server has in any number. An IPv4 address
    that is written as one of IPv6 (``::ffff:192.0.2.1``) is what it is."""
    try:
        read = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(read, IPv4Address):
        return str(read)
    return str(read.ipv4_mapped or ip_network(f"{ip}/64", strict=False))


def _form(body: bytes) -> dict[str, Any]:
    try:
        said = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=40)
    except ValueError as broken:
        raise malformed("the form cannot be read") from broken
    return {name: values if name == "purposes" else values[-1] for name, values in said.items()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise malformed("the body is JSON, or a form") from broken
    if not isinstance(said, dict):
        raise malformed("the body must be a JSON object")
    return said
