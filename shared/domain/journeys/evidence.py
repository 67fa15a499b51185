"""Whether a condition holds for a customer now, and what makes it hold: one small function for each node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

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


class Rules(Struct, frozen=True):
    """The settings of the shop that conditions depend on."""

    shop: Shop

    @classmethod
    def of(cls, release: Definitions) -> Rules:
        return cls(release.shop)


class ConditionContext(Struct, frozen=True):
    """The customer, the rules and the instant for which a condition is asked.

    ``clock`` is that of the enrollment. ``values`` are properties of the event that began it (``Trigger.values``).
    """

    profile: Profile
    rules: Rules
    now: datetime
    clock: datetime
    values: Mapping[str, str] = field(default_factory=dict)


class Evidence(Struct, frozen=True):
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
        case Not(not_=Not() as twice):
            return evidence(twice.not_, at)
        case Not():
            return None if evidence(condition.not_, at) else Evidence("not", found=against(condition.not_, at))
        case _:
            return _of_segments(condition, at)


def against(condition: Condition, at: ConditionContext) -> messages.Evidence:
    """What makes a condition false that does not hold: what is not there, or what is there instead."""
    match condition:
        case Ordered():
            within = condition.ordered.within
            return (messages.absent("order", since=at.clock if within is None else at.now - within),)
        case SameOrder():
            wanted = at.values.get(condition.order.same, "")
            order = next((one for one in at.profile.orders if one.id == wanted), None)
            return (messages.absent("order", wanted) if order is None else messages.of_order(order),)
        case OpenCase():
            same = condition.open_case.same
            return (messages.absent("case", order="" if same is None else at.values.get(same, "")),)
        case Bought():
            product = at.values.get(condition.bought.same, "")
            return (messages.absent("order", since=at.clock, product=product),)
        case InCart():
            return (messages.absent("product", at.values.get(condition.in_cart.same, "")),)
        case LookedAgain():
            return (messages.absent("second_look", since=at.now - condition.looked_again.within),)
        case AnyOf():
            found = [one for part in condition.any for one in against(part, at)]
            return tuple(one for place, one in enumerate(found) if one not in found[:place])[: messages.MOST]
        case AllOf():
            return next((against(part, at) for part in condition.all if evidence(part, at) is None), ())
        case Not():
            holds = evidence(condition.not_, at)
            return () if holds is None else holds.found
        case _:
            return _found_by(condition, at)


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
    """Looks at products that were looked at again, if there are more looks than different products.

    Facts know of each product its newest look only. So a look that is the newest of none was repeated; of which product
    it was is known if no other was looked at since. Then the newest look at it is named as well.
    """
    occurred = at.profile.seen.get(LOOKED, ())
    looks = [look for look in occurred if at.now - within < look[0] <= at.now][:LOOKS]
    if not looks or len(looks) <= sum(1 for product in at.profile.viewed if product.at >= looks[-1][0]):
        return ()
    newest = Counter(product.at for product in at.profile.viewed)
    found: dict[tuple[datetime, str], str] = {}
    for look in looks:
        if newest[look[0]] > 0:
            newest[look[0]] -= 1
            continue
        since = [product for product in at.profile.viewed if product.at >= look[0]]
        known = since[0] if len(since) == 1 else None
        if known is not None:
            found |= {one: known.product_id for one in looks if one[0] == known.at}
        found[look] = known.product_id if known is not None else ""
    named = sorted(found, reverse=True)[: messages.MOST]
    return tuple(messages.item("event", name, when, event=LOOKED, product=found[when, name]) for when, name in named)


def _of_segments(node: Leaf, at: ConditionContext) -> Evidence | None:
    """A node of the segment language, as segments mean it; memberships as segmentation decided them, which is before
    schedule hears of a change, and within a minute of the instant at which they flip."""
    if isinstance(node, CartIs):
        rule = node.cart
        if rule.value is None and rule.age is None and rule.items is not None:
            if not rule.items.allows(at.profile.cart.count):
                return None
            return Evidence("cart" if at.profile.cart.count else "cart_empty", found=messages.of_cart(at.profile))
    if isinstance(node, InSegment):
        since = at.profile.segments.get(node.in_segment)
        return None if since is None else Evidence("segment", found=(messages.item("segment", node.in_segment, since),))
    if not evaluate_node(node, Subject(at.profile, at.rules.shop), at.now).value:
        return None
    return Evidence("cart" if isinstance(node, CartIs) else "segment", found=_found_by(node, at))


def _found_by(node: Leaf, at: ConditionContext) -> messages.Evidence:
    from shared.domain.journeys.segment_evidence import found_by

    return found_by(node, Subject(at.profile, at.rules.shop), at.now)
