"""Orders that count: how many, how much, when the first and the last (``OrderRule``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from shared.domain.definitions.text_comparison import folded
from shared.domain.profile.profile import Order
from shared.domain.segments.compiled_rules import compiled_rule
from shared.domain.segments.counting import changes, counted_in_order, in_window, interval, recent
from shared.domain.segments.counting_rules import OrderRule, OrderStatus
from shared.domain.segments.evaluation_result import Evaluation, all_of, first_change, refined
from shared.domain.segments.subject import Bought, Subject, bought

_word = lru_cache(maxsize=1_024)(folded)
"""For words of the shop: categories, channels and codes, which come again and again."""


class _Asked(Struct, frozen=True):
    """``chooses``: whether other orders are meant than those that count anyway; ``only_number``: nothing else asked."""

    chooses: bool
    only_number: bool
    counts: bool
    allows: Callable[[int], bool]
    categories: frozenset[str] | None
    channels: frozenset[str] | None
    coupon: bool | frozenset[str] | None


def orders_evaluator(rule: OrderRule) -> Callable[[Subject, datetime], Evaluation]:
    """Answers for a rule; what it needs of the rule is worked out once."""
    asked, within = _asked(rule), rule.within
    if asked.only_number:
        return lambda subject, now: counted_in_order(_those(rule, asked, subject).times, within, asked.allows, now)

    def evaluate(subject: Subject, now: datetime) -> Evaluation:
        those = _those(rule, asked, subject)
        return refined(lambda instant: _all(rule, asked, those, instant), now)

    return evaluate


def orders_of(rule: OrderRule, subject: Subject) -> Bought:
    """The orders that a rule speaks of, whenever they were."""
    return _those(rule, compiled_rule(rule, _asked), subject)


def _those(rule: OrderRule, asked: _Asked, subject: Subject) -> Bought:
    if not asked.chooses:
        return subject.counted
    known = subject.chosen.get(id(rule))
    if known is None:
        known = subject.chosen[id(rule)] = (rule, _orders_of(rule, asked, subject))
    return known[1]


def _orders_of(rule: OrderRule, asked: _Asked, subject: Subject) -> Bought:
    candidates: Iterable[Order] = subject.counted.orders
    if rule.status is not None:
        candidates = (order for order in subject.profile.orders if any(_has(order, status) for status in rule.status))
    return bought((order for order in candidates if _chosen(asked, order)), subject.shop.currency)


def _all(rule: OrderRule, asked: _Asked, those: Bought, now: datetime) -> Evaluation:
    parts: list[Evaluation] = []
    if asked.counts:
        parts.append(counted_in_order(those.times, rule.within, asked.allows, now))
    if rule.total is not None or rule.average is not None:
        parts.append(
            first_change(lambda instant: _paid(rule, those, instant), changes(those.paid_at, rule.within), now)
        )
    if rule.first is not None:
        parts.append(recent(those.times[:1], rule.first.within, now))
    if rule.last is not None:
        parts.append(recent(those.times, rule.last.within, now))
    return all_of(parts)


def _paid(rule: OrderRule, those: Bought, now: datetime) -> bool:
    """Whether the sum and the average of the window are within their bounds."""
    start, end = in_window(those.paid_at, rule.within, now)
    total = those.sums[end] - those.sums[start]
    if rule.total is not None and not rule.total.allows(total):
        return False
    return rule.average is None or (end > start and rule.average.allows(total / (end - start)))


def _asked(rule: OrderRule) -> _Asked:
    coupon = rule.coupon
    return _Asked(
        chooses=any(word is not None for word in (rule.status, rule.category, rule.channel, coupon)),
        only_number=all(word is None for word in (rule.total, rule.average, rule.first, rule.last)),
        counts=rule.counts,
        allows=interval(rule),
        categories=_folded(rule.category),
        channels=_folded(rule.channel),
        coupon=coupon if coupon is None or isinstance(coupon, bool) else _folded(coupon),
    )


def _folded(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(map(folded, names))


def _chosen(asked: _Asked, order: Order) -> bool:
    if asked.channels is not None and _word(order.channel) not in asked.channels:
        return False
    if isinstance(asked.coupon, bool):
        if bool(order.coupon) is not asked.coupon:
            return False
    elif asked.coupon is not None and _word(order.coupon) not in asked.coupon:
        return False
    categories = asked.categories
    return categories is None or any(_word(category) in categories for _, _, category in order.products)


def _has(order: Order, status: OrderStatus) -> bool:
    match status:
        case "completed" | "cancelled" | "fully_refunded":
            return order.state == status
        case "shipped":
            return order.shipped_at is not None and order.state != "cancelled"
        case "delivered":
            return order.delivered_at is not None and order.state != "cancelled"
        case "refunded":
            return order.returned
