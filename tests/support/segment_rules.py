"""Definitions of segments for property tests: every node is made of one number, in the vocabulary of the histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Any

from shared.domain.segments.definition import SegmentDefinition
from shared.domain.time.durations import duration_text
from tests.support.segment_history import CATEGORIES, DURATIONS, dated

_Rule = dict[str, Any]


def definition(name: str, seed: int, depth: int, topics: Sequence[str], anchor: datetime, others: Sequence[str]) -> Any:
    """Nested up to ``depth``; its leaves ask about the topics, and about ``others``, the segments before it."""
    pick = Random(seed)
    return SegmentDefinition.model_validate({"segment": name, "who": _node(pick, depth, topics, anchor, others)})


def _node(pick: Random, depth: int, topics: Sequence[str], anchor: datetime, others: Sequence[str]) -> _Rule:
    what = pick.choice(("leaf", "all", "any", "not")) if depth else "leaf"
    if what in ("all", "any"):
        return {what: [_node(pick, depth - 1, topics, anchor, others) for _ in range(pick.choice((2, 2, 3)))]}
    if what == "not":
        return {"not": _node(pick, depth - 1, topics, anchor, others)}
    if others and pick.random() < 0.25:
        return {"in_segment": pick.choice(others)}
    return pick.choice(_LEAVES[pick.choice(topics)])(pick, anchor)


def _counts(pick: Random, most: int = 4) -> _Rule:
    words = pick.sample(("at_least", "at_most", "exactly", "more_than", "less_than"), pick.choice((1, 1, 1, 2)))
    return {word: pick.choice((0, 1, 1, 2, 2, *range(most + 1))) for word in words}


def _amounts(pick: Random) -> _Rule:
    words = pick.sample(("at_least", "at_most", "exactly", "more_than", "less_than"), pick.choice((1, 1, 2)))
    return {word: pick.choice((0, 10, 10.25, 20.5, 30, 40.5)) for word in words}


def _span(pick: Random) -> str:
    return duration_text(pick.choice((*DURATIONS, *DURATIONS[2:])))


def _sometimes(pick: Random, share: float, **rule: Any) -> _Rule:
    return rule if pick.random() < share else {}


def _times(pick: Random) -> _Rule:
    return _sometimes(pick, 0.2, first={"within": _span(pick)}) | _sometimes(pick, 0.2, last={"within": _span(pick)})


def _orders(pick: Random, _: datetime) -> _Rule:
    rule = _counts(pick) if pick.random() < 0.7 else {}
    rule |= _sometimes(pick, 0.25, total=_amounts(pick)) | _sometimes(pick, 0.2, average=_amounts(pick))
    rule |= _sometimes(pick, 0.6, within=_span(pick)) if rule else {}
    rule |= _times(pick)
    rule |= _sometimes(pick, 0.2, category=pick.choice(CATEGORIES).upper())
    rule |= _sometimes(pick, 0.15, channel=pick.choice((["store"], ["web", "app"])))
    rule |= _sometimes(pick, 0.2, coupon=pick.choice((True, False, "CART10", ["yaz"])))
    status = ("completed", "shipped", "delivered", "cancelled", "fully_refunded", "refunded")
    rule |= _sometimes(pick, 0.2, status=pick.sample(status, pick.choice((1, 1, 2))))
    asked = {"total", "average", "first", "last", "at_least", "at_most", "exactly", "more_than", "less_than"}
    return {"orders": rule if rule.keys() & asked else rule | {"at_least": 1}}


_OF: dict[str, tuple[str, ...]] = {
    "orders": ("Order Completed", "Order Refunded"),
    "shopping": ("Product Viewed", "Product Added"),
    "search": ("Products Searched",),
    "messages": ("Email Opened", "Email Link Clicked", "Email Delivered"),
    "traits": ("Identified",),
}


def _event(topic: str) -> Callable[[Random, datetime], _Rule]:
    def make(pick: Random, _: datetime) -> _Rule:
        rule: _Rule = {"name": pick.choice(_OF[topic])} | _times(pick)
        rule |= _sometimes(pick, 0.6, **_counts(pick)) | _sometimes(pick, 0.6, within=_span(pick))
        return {"event": rule | _sometimes(pick, 0.6, where=_where(pick, topic))}

    return make


def _where(pick: Random, topic: str) -> _Rule:
    tests: dict[str, tuple[_Rule, ...]] = {
        "orders": (
            {"total": {"at_least": 10}},
            {"coupon": {"exists": False}},
            {"products.category": "ayakkabı", "currency": "try"},
        ),
        "shopping": ({"category": list(CATEGORIES[:2])}, {"price": {"more_than": 5}}, {"quantity": 2}),
        "search": (
            {"hits": {"at_least": 1, "at_most": 3}},
            {"hits": 3},
            {"query": {"contains": "ÇİZME"}},
            {"facets.tag": ["indirim", "yok"]},
            {"query": {"exists": True}, "facets": {"exists": False}},
        ),
        "messages": ({"message_id": {"starts_with": "m"}}, {"purpose": {"exists": False}}),
        "traits": ({"nothing": {"exists": False}},),
    }
    return pick.choice(tests[topic])


def _reached(pick: Random) -> _Rule:
    return (
        _sometimes(pick, 0.5, channel=pick.choice(("email", "email", "sms", "push")))
        | _sometimes(pick, 0.4, purpose=pick.choice(("marketing", "transactional")))
        | _sometimes(pick, 0.8, within=_span(pick))
        | _sometimes(pick, 0.5, **_counts(pick))
    )


def _received(pick: Random, _: datetime) -> _Rule:
    return {"received": _reached(pick)}


def _touched(word: str) -> Callable[[Random, datetime], _Rule]:
    def make(pick: Random, _: datetime) -> _Rule:
        return {word: _reached(pick) | _sometimes(pick, 0.5, by=pick.choice(("human", "machine", "anybody")))}

    return make


def _trait(pick: Random, anchor: datetime) -> _Rule:
    test = pick.choice(
        (
            lambda: {"name": "city", "is": "izmir"},
            lambda: {"name": "city", "one_of": ["Ankara", 35]},
            lambda: {"name": "address.city", "starts_with": "İZ"},
            lambda: {"name": "points", "at_least": 5},
            lambda: {"name": "points", "is": True},
            lambda: {"name": "address.zip", "exactly": 35000},
            lambda: {"name": pick.choice(("email", "since", "visits")), "exists": pick.random() < 0.5},
            lambda: _dates(pick, anchor),
            lambda: _dates(pick, anchor),
            lambda: _dates(pick, anchor) | {"contains": "20"},
        )
    )
    return {"trait": test()}


def _dates(pick: Random, anchor: datetime) -> _Rule:
    day = dated(pick, anchor)
    word = pick.choice(("before", "after", "within", "within"))
    other = _sometimes(pick, 0.3, after="2026-06-01") if word != "after" else {}
    bound = _span(pick) if word == "within" else day if day != "no day" else "2026-11-22"
    return {"name": pick.choice(("since", "visits", "birthday")), word: bound} | other


def _anniversary(pick: Random, _: datetime) -> _Rule:
    trait = pick.choice((({}), ({}), {"trait": "wedding"}, {"trait": "birthDate"}))
    when = pick.choice(
        ({"this": "day"}, {"this": "week"}, {"this": "month"}, {"ahead": pick.choice(("1d", "7d", "30d"))})
    )
    return {"anniversary": trait | when}


def _cart(pick: Random, _: datetime) -> _Rule:
    rule = _sometimes(pick, 0.5, items=_counts(pick, 2)) | _sometimes(pick, 0.3, value=_amounts(pick))
    if not rule or pick.random() < 0.5:
        words = pick.sample(("at_least", "less_than"), pick.choice((1, 1, 2)))
        rule |= {"age": {word: _span(pick) for word in words}}
    return {"cart": rule}


def _active(pick: Random, _: datetime) -> _Rule:
    rule = _sometimes(pick, 0.5, channel=pick.choice(("Store", ["web", "mobile"])))
    rule |= _sometimes(pick, 0.4, device=pick.choice(("IOS", ["android", "desktop"])))
    return {"active": rule | _sometimes(pick, 0.8, within=_span(pick))}


def _consent(pick: Random, _: datetime) -> _Rule:
    rule = {"channel": pick.choice(("email", "email", "sms", "push"))}
    rule |= _sometimes(pick, 0.3, purpose="transactional") | _sometimes(pick, 0.3, granted=False)
    if "granted" not in rule:
        rule |= _sometimes(pick, 0.4, text_not=pick.choice((["2026-11"], ["2026-11", "2025-01"])))
    return {"consent": rule}


def _reachable(pick: Random, _: datetime) -> _Rule:
    rule = _sometimes(pick, 0.7, channel=pick.choice(("email", "email", "sms", "push")))
    return {"reachable": rule | _sometimes(pick, 0.3, purpose="transactional")}


def _overdue(pick: Random, _: datetime) -> _Rule:
    return {"overdue": _sometimes(pick, 0.6, times=pick.choice((0.1, 0.3, 0.5, 1.5)))}


_LEAVES: dict[str, tuple[Callable[[Random, datetime], _Rule], ...]] = {
    "orders": (_orders, _orders, _orders, _event("orders"), _overdue),
    "shopping": (_event("shopping"), _cart, _cart, _active),
    "search": (_event("search"), _event("search"), _active),
    "messages": (_event("messages"), _received, _touched("opens"), _touched("clicks"), _touched("clicks")),
    "traits": (_trait, _trait, _anniversary, _anniversary, _consent, _reachable, _event("traits")),
}
