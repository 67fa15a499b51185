"""The cart as it is, and whether the next order is overdue (``CartRule``, ``OverdueRule``)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from decimal import Decimal

from shared.domain.facts import values
from shared.domain.segments.counting_rules import OverdueRule
from shared.domain.segments.evaluation_result import NO, Evaluation, first_change, refined
from shared.domain.segments.state_rules import AgeBounds, CartRule
from shared.domain.segments.subject import Subject


def evaluate_cart(rule: CartRule, subject: Subject, now: datetime) -> Evaluation:
    """Whether the cart passes the rule. Only its age changes with time."""
    cart = subject.profile.cart
    if subject.looking_back and cart.updated_at is not None and now < cart.updated_at:
        return Evaluation(False, cart.updated_at)
    if rule.items is not None and not rule.items.allows(cart.count):
        return NO
    if rule.value is not None and not rule.value.allows(cart_value(subject)):
        return NO
    if rule.age is None:
        return Evaluation(True)
    return NO if cart.updated_at is None else _aged(rule.age, cart.updated_at, now)


def cart_value(subject: Subject) -> Decimal:
    """What is in the cart at the prices that events gave, in the shop's currency."""
    total = Decimal(0)
    for line in subject.profile.cart.items:
        price = values.number(line.details.get("price"))
        currency = values.text(line.details.get("currency")).upper()
        if price is not None and currency in {"", subject.shop.currency}:
            total += price * line.quantity
    return total


def _aged(age: AgeBounds, since: datetime, now: datetime) -> Evaluation:
    def value_at(instant: datetime) -> bool:
        old = max(timedelta(), instant - since)
        return (age.at_least is None or old >= age.at_least) and (age.less_than is None or old < age.less_than)

    return first_change(value_at, [since + bound for bound in (age.at_least, age.less_than) if bound is not None], now)


def evaluate_overdue(rule: OverdueRule, subject: Subject, now: datetime) -> Evaluation:
    """Whether the next order is overdue. It may change at the due time and with an order that is dated ahead."""
    return refined(lambda instant: _overdue(rule, subject, instant), now)


def _overdue(rule: OverdueRule, subject: Subject, now: datetime) -> Evaluation:
    times = subject.counted.times
    turns = list(times[bisect_right(times, now) :][:1])
    due = due_at(rule, subject, now)
    if due is not None and now < due:
        turns.append(due)
    return Evaluation(due is not None and now >= due, min(turns, default=None))


def due_at(rule: OverdueRule, subject: Subject, now: datetime) -> datetime | None:
    """When the next order should have come, by the customer's own cycle; None if there is none yet."""
    cycle = subject.cycle(now)
    if cycle is None:
        return None
    times = subject.counted.times
    return times[bisect_right(times, now) - 1] + timedelta(days=cycle * rule.times)
