"""Facts made readable: the profile that segments, journeys, gates and templates look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.domain.consent.consent import Consent
from shared.domain.facts.cart import CartFacts
from shared.domain.facts.facts import USE, Facts
from shared.domain.facts.newest import Newest
from shared.domain.facts.orders import FULL_REFUND, OrderFacts, counted_refunds
from shared.domain.facts.provisional import Reports, confirmed, taken_from_cart
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import moment
from shared.domain.profile.cases_from_facts import cases_view
from shared.domain.profile.engagement_from_facts import engagement_view
from shared.domain.profile.profile import Alert, Cart, Line, Order, OrderState, Profile, PushToken, Trait, Viewed

_NOTHING = Decimal("0.00")


def profile_of(
    root: str,
    keys: tuple[str, ...],
    identifiers: tuple[Identifier, ...],
    facts: Facts,
    *,
    consents: tuple[Consent, ...] = (),
    segments: Mapping[str, int] | None = None,
) -> Profile:
    """The profile of a person from the joined facts of its identifiers; nothing in it depends on arrival order."""
    return Profile(
        id=root,
        keys=keys,
        identifiers=tuple(sorted(set(identifiers), key=lambda who: (who.rank, who.value))),
        traits=_traits(facts),
        cart=_cart(_cart_after_orders(facts)),
        wishlist=_wishlist(facts.wishlist),
        orders=_orders(facts.orders, facts.reported),
        provisional=_provisional(facts),
        tokens=_tokens(facts.tokens),
        seen={
            name: tuple((moment(when), event) for when, event in facts.seen[name].newest) for name in sorted(facts.seen)
        },
        first_seen={name: moment(facts.seen[name].first) for name in sorted(facts.seen)},
        activity=tuple((moment(hour * 3_600_000), channel, kind) for hour, channel, kind in facts.activity),
        time_zone=_place(facts.places, "zone"),
        locale=_place(facts.places, "locale"),
        consents=tuple(sorted(consents, key=lambda said: (said.time, said.message_id, said.address_key))),
        segments={name: moment(since) for name, since in sorted((segments or {}).items())},
        viewed=_viewed(facts.viewed),
        categories_viewed=tuple((name, moment(when)) for when, name in _newest_first(facts.categories)),
        engagement=engagement_view(facts.engagement),
        used=_used(facts.used),
        keyed={
            asked: {value: moment(entry[0]) for value, entry in sorted(facts.keyed[asked].entries.items())}
            for asked in sorted(facts.keyed)
        },
        alerts=_alerts(facts.alerts),
        cases=cases_view(facts.cases, facts.orders) if facts.cases is not None else (),
    )


def _traits(facts: Facts) -> dict[str, Trait]:
    """A trusted source's word counts before a public one's, whichever is later. An explicit null unsets a trait."""
    found = {name: Trait(value, moment(when), trusted=False) for name, (when, _, value) in facts.public.entries.items()}
    found |= {
        name: Trait(value, moment(when), trusted=True) for name, (when, _, value) in facts.trusted.entries.items()
    }
    return {name: found[name] for name in sorted(found) if found[name].value is not None}


def _cart_after_orders(facts: Facts) -> CartFacts:
    """Without what was bought by orders that a trusted source confirmed and only a public one described."""
    confirmed_reports = ((facts.orders[name], entry) for name, entry in facts.reported.items() if name in facts.orders)
    changes = [change for order, entry in confirmed_reports if (change := taken_from_cart(order, entry)) is not None]
    if not changes:
        return facts.cart
    cart = facts.cart.copy()
    for change in changes:
        cart.absorb(change)
    return cart


def _cart(cart: CartFacts) -> Cart:
    lines = []
    for product, line in cart.lines.items():
        newest = line.newest
        if line.quantity > 0 and newest is not None:
            lines.append(Line(product, line.quantity, moment(newest[0]), line.details[2] if line.details else {}))
    lines.sort(key=lambda line: (line.changed_at, line.product_id))
    return Cart(tuple(lines), moment(cart.changed[0]) if cart.changed else None)


def _wishlist(wishes: Newest) -> tuple[Line, ...]:
    lines = [
        Line(product, 1, moment(when), shown)
        for product, (when, _, shown) in wishes.entries.items()
        if shown is not None
    ]
    return tuple(sorted(lines, key=lambda line: (line.changed_at, line.product_id)))


def _alerts(alerts: Newest) -> tuple[Alert, ...]:
    asked = [Alert(product, moment(when)) for product, (when, _, said) in alerts.entries.items() if said is not None]
    return tuple(sorted(asked, key=lambda one: (one.at, one.product_id)))


def _newest_first(part: Newest) -> list[tuple[int, str]]:
    return sorted(((entry[0], key) for key, entry in part.entries.items()), key=lambda pair: (-pair[0], pair[1]))


def _viewed(viewed: Newest) -> tuple[Viewed, ...]:
    return tuple(Viewed(product, moment(when), **viewed.entries[product][2]) for when, product in _newest_first(viewed))


def _used(used: Newest) -> tuple[tuple[datetime, str, str], ...]:
    rows = sorted(((entry[0], key.split(USE, 1)) for key, entry in used.entries.items()), reverse=True)
    return tuple((moment(hour * 3_600_000), channel, kind) for hour, (channel, kind) in rows)


def _orders(orders: Mapping[str, OrderFacts], reported: Reports) -> tuple[Order, ...]:
    return _sorted(_order(name, confirmed(facts, reported.get(name))) for name, facts in orders.items())


def _provisional(facts: Facts) -> tuple[Order, ...]:
    """Those that no trusted source has named, by the time of the order."""
    unconfirmed = {name: entry for name, entry in facts.reported.items() if name not in facts.orders}
    return _sorted(_order(name, confirmed(OrderFacts(), entry)) for name, entry in unconfirmed.items())


def _sorted(orders: Iterable[Order | None]) -> tuple[Order, ...]:
    return tuple(sorted((order for order in orders if order is not None), key=lambda order: (order.at, order.id)))


def _order(name: str, facts: OrderFacts) -> Order | None:
    """The order, once it was completed; what is known of it before that waits."""
    if facts.completed is None:
        return None
    said = {field: value[3] for field, value in facts.fields.items()}
    total = Decimal(said.get("total", _NOTHING))
    refunds = counted_refunds(facts.refunds)
    refunded_at = _refunded_at(refunds, total if "total" in said else None)
    state: OrderState = "completed"
    if facts.cancelled is not None:
        state = "cancelled"
    elif refunded_at is not None:
        state = "fully_refunded"
    return Order(
        id=name,
        at=moment(facts.completed),
        total=total,
        currency=said.get("currency", ""),
        channel=said.get("channel", ""),
        state=state,
        refunded=_refunded(refunds, total),
        returned=any(amount == FULL_REFUND or Decimal(amount) > 0 for _, _, amount in refunds),
        products=tuple((product, count, category) for product, count, category, *_ in said.get("products", ())),
        amounts={product: Decimal(paid[0]) for product, _, _, *paid in said.get("products", ()) if paid},
        coupon=said.get("coupon", ""),
        shipped_at=_time(facts.shipped),
        delivered_at=_time(facts.delivered),
        cancelled_at=_time(facts.cancelled),
        refunded_at=refunded_at,
        details=said.get("tracking", {}),
        location=said.get("location", ""),
    )


def _refunded_at(refunds: Sequence[tuple[int, str, str]], total: Decimal | None) -> datetime | None:
    """When everything was given back: by a refund of everything, or by that which reached the total; None if it was
    not. A part of an unknown total is a part."""
    given = _NOTHING
    for when, _, amount in refunds:
        given += _NOTHING if amount == FULL_REFUND else Decimal(amount)
        if amount == FULL_REFUND or (total is not None and given >= total):
            return moment(when)
    return None


def _refunded(refunds: Sequence[tuple[int, str, str]], total: Decimal) -> Decimal:
    amounts = [amount for _, _, amount in refunds]
    if FULL_REFUND in amounts:
        return total
    return min(total, sum((Decimal(amount) for amount in amounts), _NOTHING))


_PLATFORMS: dict[str, Literal["android", "ios", "web"]] = {"android": "android", "ios": "ios", "web": "web"}


def _tokens(tokens: Newest) -> tuple[PushToken, ...]:
    found = []
    for token, (when, _, kind) in tokens.entries.items():
        platform = _PLATFORMS.get(kind, _PLATFORMS["android"])
        found.append(PushToken(token, platform, moment(when)))
    return tuple(sorted(found, key=lambda token: (token.seen_at, token.token), reverse=True))


def _place(places: Newest, name: str) -> tuple[str, datetime] | None:
    entry = places.entries.get(name)
    return None if entry is None else (entry[2], moment(entry[0]))


def _time(ms: int | None) -> datetime | None:
    return None if ms is None else moment(ms)
