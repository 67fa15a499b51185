"""What each node asks, in English, to be read after "customers"."""

from __future__ import annotations

from typing import assert_never

from shared.domain.definitions.bounds import CountBounds
from shared.domain.segments.counting_rules import (
    Active,
    ActiveRule,
    Clicks,
    Event,
    EventRule,
    Opens,
    OrderRule,
    Orders,
    Overdue,
    Received,
    ReceivedRule,
    TouchRule,
)
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.describe_value import describe_trait, describe_where
from shared.domain.segments.phrases import (
    CHANNELS,
    amounts,
    counts,
    last_english,
    listed,
    number,
    purpose_word,
)
from shared.domain.segments.state_rules import (
    Anniversary,
    AnniversaryRule,
    CartIs,
    CartRule,
    HasConsent,
    Reachable,
    TraitIs,
)
from shared.domain.time.durations import describe_duration

_ON = CHANNELS["en"]


def english_parts(node: Leaf) -> list[str]:  # noqa: C901 - one line per node
    """The parts of what a node asks; all must hold."""
    match node:
        case Orders():
            return _orders(node.orders)
        case Event():
            return _event(node.event)
        case TraitIs():
            return [f"whose {node.trait.name} {said}" for said in describe_trait(node.trait, "en")]
        case Received():
            return [f"who received {_messages(node.received, node.received.counting)}"]
        case Opens():
            return [f"{_who(node.opens)} opened {_messages(node.opens, node.opens.counting)}"]
        case Clicks():
            return [_clicks(node.clicks)]
        case HasConsent():
            word = "agreed" if node.consent.granted else "have not agreed"
            text = f", to another text than {' and '.join(node.consent.text_not)}" if node.consent.text_not else ""
            return [f"who {word} to {purpose_word(node.consent.purpose, 'en')} by {_ON[node.consent.channel]}{text}"]
        case Reachable():
            channel = node.reachable.channel
            way = "on some channel" if channel is None else f"by {_ON[channel]}"
            return [f"who can be reached {way} for {purpose_word(node.reachable.purpose, 'en')} messages"]
        case Active():
            return [_active(node.active)]
        case Anniversary():
            return [_anniversary(node.anniversary)]
        case CartIs():
            return _cart(node.cart)
        case Overdue():
            times = node.overdue.times
            of = "" if times == 1 else f"{number(times, 'en')} times "
            return [f"whose last order is longer ago than {of}their own purchase cycle"]
        case InSegment():
            return [f"in the segment {node.in_segment}"]
        case _:
            assert_never(node)


def _orders(rule: OrderRule) -> list[str]:
    parts = []
    said = counts(rule, "en")
    if said:
        parts.append(f"with {said} {_order(rule, one=said.endswith(' 1'))}{last_english(rule.within)}")
    if rule.total is not None:
        what = f"{_order(rule, one=False)}{last_english(rule.within)}"
        parts.append(f"who paid {amounts(rule.total, 'en')} in all for {what}")
    if rule.average is not None:
        what = f"{_order(rule, one=True)}{last_english(rule.within)}"
        parts.append(f"who paid {amounts(rule.average, 'en')} on average per {what}")
    for which, recent in (("first", rule.first), ("last", rule.last)):
        if recent is not None:
            parts.append(f"whose {which} {_order(rule, one=True)} was{last_english(recent.within)}")
    return parts


_STATUS = {"fully_refunded": "fully refunded", "refunded": "at least partly refunded"}


def _order(rule: OrderRule, *, one: bool) -> str:
    state = "" if rule.status is None else listed((_STATUS.get(word, word) for word in rule.status), "en") + " "
    said = f"{state}{'order' if one else 'orders'}"
    if rule.category is not None:
        said += f" from the category {listed(rule.category, 'en')}"
    if rule.channel is not None:
        said += f" on {listed(rule.channel, 'en')}"
    match rule.coupon:
        case None:
            return said
        case bool():
            return f"{said} {'with' if rule.coupon else 'without'} a coupon"
        case codes:
            return f"{said} with the coupon {listed(codes, 'en')}"


def _event(rule: EventRule) -> list[str]:
    tests = "" if rule.where is None else describe_where(rule.where, "en")
    name = f"“{rule.name}”{f' ({tests})' if tests else ''}"
    parts = []
    if rule.counting is not None:
        said = counts(rule.counting, "en")
        parts.append(f"with {said} {name} {'event' if said.endswith(' 1') else 'events'}{last_english(rule.within)}")
    for which, recent in (("first", rule.first), ("last", rule.last)):
        if recent is not None:
            parts.append(f"whose {which} {name} event was{last_english(recent.within)}")
    return parts


def _messages(rule: ReceivedRule, counting: CountBounds) -> str:
    said = counts(counting, "en")
    purpose = "" if rule.purpose is None else f"{purpose_word(rule.purpose, 'en')} "
    noun = "message" if said.endswith(" 1") else "messages"
    by = "" if rule.channel is None else f" by {_ON[rule.channel]}"
    return f"{said} {purpose}{noun}{by}{last_english(rule.within)}"


def _clicks(rule: TouchRule) -> str:
    said = counts(rule.counting, "en")
    purpose = "" if rule.purpose is None else f"{purpose_word(rule.purpose, 'en')} "
    by = "" if rule.channel is None else f" by {_ON[rule.channel]}"
    times = "time" if said.endswith(" 1") else "times"
    return f"{_who(rule)} clicked {said} {times} in {purpose}messages{by}{last_english(rule.within)}"


def _who(rule: TouchRule) -> str:
    return {"human": "who", "machine": "for whom a program", "anybody": "who (or a program for them)"}[rule.by]


def _active(rule: ActiveRule) -> str:
    on = "" if rule.channel is None else f" on {listed(rule.channel, 'en')}"
    device = "" if rule.device is None else f" with {listed(rule.device, 'en')}"
    return f"who were {'' if rule.within else 'ever '}active{on}{device}{last_english(rule.within)}"


def _anniversary(rule: AnniversaryRule) -> str:
    what = "birthday" if rule.trait == "birthday" else f"anniversary of {rule.trait}"
    if rule.ahead is not None and rule.ahead.days > 1:
        return f"whose {what} is within the next {rule.ahead.days} days"
    return f"whose {what} is {f'this {rule.this}' if rule.this in ('week', 'month') else 'today'}"


def _cart(rule: CartRule) -> list[str]:
    parts = []
    if rule.items is not None:
        said = counts(rule.items, "en")
        parts.append(f"whose cart holds {said} {'product' if said.endswith(' 1') else 'products'}")
    if rule.value is not None:
        parts.append(f"whose cart is worth {amounts(rule.value, 'en')}")
    if rule.age is not None:
        ages = []
        if rule.age.at_least is not None:
            ages.append(f"at least {describe_duration(rule.age.at_least, 'en')}")
        if rule.age.less_than is not None:
            ages.append(f"less than {describe_duration(rule.age.less_than, 'en')}")
        parts.append(f"whose cart was last changed {' but '.join(ages)} ago")
    return parts
