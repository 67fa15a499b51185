"""Questions about what was told and what is there now: traits, days that return, the cart, consent, addresses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.consent.consent import consent_state
from shared.domain.consent.suppression import suppressed
from shared.domain.definitions.value_test import passes, values_at
from shared.domain.messages.address import token_key
from shared.domain.profile.demographic import BIRTHDAY, OLDEST, UNKNOWN_YEAR, age_on
from shared.domain.segments.midnight_offset import offset_of
from shared.domain.segments.oracle.instant import Instant
from shared.domain.segments.state_rules import AnniversaryRule, CartRule, ConsentRule, ReachableRule, TraitRule
from shared.domain.time.dates import instant_of, read_date, written_date

CHANNELS = ("email", "sms", "push")


def trait(rule: TraitRule, asked: Instant) -> bool:
    """Of a list one element must pass every word; ``exists: false`` passes where there is nothing."""
    there = [value for value in values_at(asked.history.person.traits, rule.name) if value is not None]
    if rule.exists is False:
        return not there and not rule.asks_date
    return any(passes(rule, [value]) and (not rule.asks_date or _dated(rule, value, asked)) for value in there)


def _dated(rule: TraitRule, value: Any, asked: Instant) -> bool:
    said = read_date(value)
    when = None if said is None else instant_of(said, asked.zone)
    if when is None:
        return False
    shop = ZoneInfo(asked.shop.time_zone)
    before = None if rule.before is None else instant_of(written_date(rule.before), shop)
    after = None if rule.after is None else instant_of(written_date(rule.after), shop)
    return (
        (rule.before is None or (before is not None and when < before))
        and (rule.after is None or (after is not None and when >= after))
        and (rule.within is None or asked.in_window(when, rule.within))
    )


def anniversary(rule: AnniversaryRule, asked: Instant) -> bool:
    """Every day of the period is looked at; a day that is still to come has not returned."""
    zone = asked.zone
    today = (asked.now - offset_of(asked.history.root)).astimezone(zone).date()
    day = _birthday(asked, zone, today) if rule.trait == "birthday" else _day(asked, rule.trait, zone)
    return day is not None and day <= today and any(_returns(day, one) for one in _period(rule, today))


def _period(rule: AnniversaryRule, today: date) -> list[date]:
    if rule.ahead is not None:
        return [today + timedelta(days=ahead) for ahead in range(rule.ahead.days)]
    around = [today + timedelta(days=away) for away in range(-31, 32)]
    if rule.this == "week":
        return [day for day in around if day.isocalendar()[:2] == today.isocalendar()[:2]]
    if rule.this == "month":
        return [day for day in around if (day.year, day.month) == (today.year, today.month)]
    return [today]


def _returns(day: date, on: date) -> bool:
    if (day.month, day.day) == (2, 29) and (on.month, on.day) == (3, 1):
        return (on - timedelta(days=1)).day == 28
    return (on.month, on.day) == (day.month, day.day)


def _birthday(asked: Instant, zone: ZoneInfo, today: date) -> date | None:
    """The first of the names that holds a day up to today, not more than 120 years ago."""
    for name in BIRTHDAY:
        day = _day(asked, name, zone)
        if day is not None and day <= today and (day.year == UNKNOWN_YEAR or age_on(day, today) <= OLDEST):
            return day
    return None


def _day(asked: Instant, name: str, zone: ZoneInfo) -> date | None:
    """A day as it is; of an instant the local day. Programs make midnight of a plain date: then the day as written."""
    written = asked.history.person.traits.get(name)
    if isinstance(written, str) and written.strip().startswith("--"):
        return _without_year(written.strip())
    said = read_date(written)
    if not isinstance(said, datetime):
        return said
    if said.tzinfo is None or (said.hour, said.minute, said.second) == (0, 0, 0):
        return said.date()
    try:
        return said.astimezone(zone).date()
    except (OverflowError, ValueError):
        return None


def _without_year(written: str) -> date | None:
    """``--04-17``: month and day, each of two digits."""
    month, dash, day = written[2:4], written[4:5], written[5:]
    if dash != "-" or len(day) != 2 or not (month + day).isdecimal():
        return None
    try:
        return date(UNKNOWN_YEAR, int(month), int(day))
    except ValueError:
        return None


def cart(rule: CartRule, asked: Instant) -> bool:
    there = asked.history.cart
    worth = [
        one.price * one.quantity
        for one in there.products.values()
        if one.price is not None and one.currency.upper() in ("", asked.shop.currency)
    ]
    if rule.items is not None and not rule.items.allows(len(there.products)):
        return False
    if rule.value is not None and not rule.value.allows(sum(worth, Decimal(0))):
        return False
    if rule.age is None:
        return True
    if there.changed_at is None:
        return False
    age = max(asked.now - there.changed_at, timedelta())
    return (rule.age.at_least is None or age >= rule.age.at_least) and (
        rule.age.less_than is None or age < rule.age.less_than
    )


def consent(rule: ConsentRule, asked: Instant) -> bool:
    key = "" if rule.channel == "push" else _address_key(rule.channel, asked)
    state = consent_state(asked.history.consents, rule.channel, rule.purpose, key or "", asked.now)
    if state.granted is not rule.granted:
        return False
    return all(state.proof is not None and state.proof.text_version != version for version in rule.text_not)


def reachable(rule: ReachableRule, asked: Instant) -> bool:
    return any(_reached(channel, rule.purpose, asked) for channel in CHANNELS if rule.channel in (None, channel))


def _reached(channel: str, purpose: str, asked: Instant) -> bool:
    key = _address_key(channel, asked)
    said = asked.history.consents
    if key is None or suppressed(said, channel, key, asked.now) is not None:
        return False
    return purpose != "marketing" or consent_state(said, channel, purpose, key, asked.now).granted


def _address_key(channel: str, asked: Instant) -> str | None:
    """The partition key of the address in use; on push that of the token seen last. None: there is no address."""
    person = asked.history.person
    if channel == "push":
        return token_key(person.token, asked.keys) if person.token else None
    found = person.address(channel, frozenset(member.key for member in asked.history.members), asked.keys)
    return None if found is None else asked.keys(found)
