"""Whether a condition holds for a customer now, and what makes it hold: one small function for each node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.definitions.shop import Shop
from shared.domain.journeys.conditions import (
    LOOKED,
    LOOKS,
    AllOf,
    AnyOf,
    Bought,
    Condition,
    InCart,
    LookedAgain,
    Not,
    OpenCase,
    Ordered,
    OrderedRule,
    SameOrder,
)
from shared.domain.messages import evidence as messages
from shared.domain.profile.profile import Case, Order, Profile
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.evaluate import evaluate_node
from shared.domain.segments.state_rules import CartIs
from shared.domain.segments.subject import Subject


class Definitions(Protocol):
    """What conditions ask of a release."""

    @property
    def shop(self) -> Shop: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the shop that conditions depend on."""

    shop: Shop

    @classmethod
    def of(cls, release: Definitions) -> Rules:
        return cls(release.shop)


@dataclass(frozen=True, slots=True)
class ConditionContext:
    """The customer, the rules and the instant for which a condition is asked.

    ``clock`` is that of the enrollment. ``values`` are properties of the event that began it (``Trigger.values``).
    """

    profile: Profile
    rules: Rules
    now: datetime
    clock: datetime
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a condition holds: the word of the node, the order if it was one, and what was found, with ids and times."""

    word: str
    order: Order | None = None
    found: messages.Evidence = ()


def evidence(condition: Condition, at: ConditionContext) -> Evidence | None:
    """None if the condition does not hold, else what made it hold.

    An order at the same instant as the clock is since the clock.
    """
    match condition:
        case Ordered():
            return _by_order("ordered", _ordered(condition.ordered, at))
        case SameOrder():
            wanted = at.values.get(condition.order.same)
            order = next((one for one in at.profile.orders if one.id == wanted), None)
            return _by_order("order", order if order and order.state in condition.order.status else None)
        case OpenCase():
            cases = _open_cases(condition.open_case.same, at)
            return Evidence("open_case", found=tuple(map(messages.of_case, cases[: messages.MOST]))) if cases else None
        case Bought():
            return _by_order("bought", _bought(at.values.get(condition.bought.same), at))
        case InCart():
            wanted = at.values.get(condition.in_cart.same)
            line = next((line for line in at.profile.cart.items if line.product_id == wanted), None)
            if line is None:
                return None
            return Evidence("in_cart", found=(messages.item("cart", line.product_id, line.changed_at),))
        case LookedAgain():
            looks = _looked_again(condition.looked_again.within, at)
            return Evidence("looked_again", found=looks) if looks else None
        case AnyOf():
            return next((found for part in condition.any if (found := evidence(part, at))), None)
        case AllOf():
            return _all_of([evidence(part, at) for part in condition.all])
        case Not():
            return None if evidence(condition.not_, at) else Evidence("not")
        case _:
            return _of_segments(condition, at)


def _ordered(rule: OrderedRule, at: ConditionContext) -> Order | None:
    if rule.within is None:
        return next((order for order in at.profile.orders if order.at >= at.clock), None)
    return next((order for order in at.profile.orders if order.at > at.now - rule.within), None)


def _by_order(word: str, order: Order | None) -> Evidence | None:
    return None if order is None else Evidence(word, order, (messages.of_order(order),))


def _all_of(parts: Sequence[Evidence | None]) -> Evidence | None:
    """The evidence of all parts; None if one of them does not hold. The part that names an order comes first."""
    held = [part for part in parts if part is not None]
    if len(held) < len(parts):
        return None
    first = next((part for part in held if part.order), held[0])
    rest = [one for part in held if part is not first for one in part.found if one not in first.found]
    return replace(first, found=(*first.found, *rest)[: messages.MOST])


def _open_cases(same: str | None, at: ConditionContext) -> list[Case]:
    """The open cases, newest first."""
    cases = [case for case in reversed(at.profile.cases) if case.open]
    if same is None:
        return cases
    wanted = at.values.get(same)
    return [case for case in cases if wanted is not None and case.order_id == wanted]


def _bought(product: str | None, at: ConditionContext) -> Order | None:
    if product is None:
        return None
    since = (order for order in at.profile.orders if order.at >= at.clock)
    return next((order for order in since if any(one == product for one, _, _ in order.products)), None)


def _looked_again(within: timedelta, at: ConditionContext) -> messages.Evidence:
    """The newest looks, if there are more than different products: each product has its newest look among them."""
    occurred = at.profile.seen.get(LOOKED, ())
    looks = [look for look in occurred if at.now - within < look[0] <= at.now][:LOOKS]
    if not looks or len(looks) <= sum(1 for product in at.profile.viewed if product.at >= looks[-1][0]):
        return ()
    return tuple(messages.item("event", name, when, event=LOOKED) for when, name in looks[: messages.MOST])


def _of_segments(node: Leaf, at: ConditionContext) -> Evidence | None:
    """A node of the segment language, as segments mean it; memberships as segmentation decided them, which is before
    schedule hears of a change, and within a minute of the instant at which they flip."""
    if isinstance(node, CartIs):
        rule = node.cart
        if rule.value is None and rule.age is None and rule.items is not None:
            held = rule.items.allows(at.profile.cart.count)
            return Evidence("cart" if at.profile.cart.count else "cart_empty", found=_cart(at)) if held else None
    if isinstance(node, InSegment):
        since = at.profile.segments.get(node.in_segment)
        return None if since is None else Evidence("segment", found=(messages.item("segment", node.in_segment, since),))
    subject = Subject(at.profile, at.rules.shop)
    if not evaluate_node(node, subject, at.now).value:
        return None
    from shared.domain.journeys.segment_evidence import found_by

    return Evidence("cart" if isinstance(node, CartIs) else "segment", found=found_by(node, subject, at.now))


def _cart(at: ConditionContext) -> messages.Evidence:
    cart = at.profile.cart
    return (messages.item("cart", at=cart.updated_at, products=str(cart.count)),)
