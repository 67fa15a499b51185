"""May this message go out, now? One ordered list of gates; the first that objects says why (docs/messages.md).

A gate looks at one thing and returns what became of the message, or None to let it pass. A new gate is a function and a
place in ``GATES``: what ends a message stands before what makes it wait.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.consent.consent import consent_state
from shared.domain.consent.suppression import suppressed
from shared.domain.coupons.given import given_before
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import time_text
from shared.domain.messages import caps
from shared.domain.messages.evidence import (
    MOST,
    item,
    of_case,
    of_consent,
    of_deadline,
    of_iys,
    of_preference,
    of_right,
)
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Deferred, Reason, Skipped
from shared.domain.messages.priority import goes_first, turn_over
from shared.domain.messages.provisional_orders import awaited_order
from shared.domain.messages.reputation import waits
from shared.domain.profile.profile import Profile
from shared.domain.templates.definition import Template, choose_language
from shared.domain.time.local_time import next_permitted, zone_of

Verdict = Skipped | Deferred | None
Gate = Callable[[GateContext], Verdict]


def decide(context: GateContext) -> Verdict:
    """The first objection, or None if the message may go out. A deferral beyond freshness is a skip."""
    for gate in GATES:
        verdict = gate(context)
        if verdict is None:
            continue
        if isinstance(verdict, Deferred) and verdict.until >= context.request.fresh_until:
            return Skipped(verdict.reason, verdict.detail, verdict.evidence)
        return verdict
    return None


def language_of(profile: Profile, template: Template, channel: str, shop: Shop) -> str | None:
    """The customer's own word, else the newest locale of a device, else the shop's first: if the template serves it."""
    said = next((value for name in ("language", "locale") if isinstance(value := profile.trait(name), str)), None)
    preferred = said or (profile.locale[0] if profile.locale else "")
    return choose_language(preferred, template.languages(channel), shop.languages)


def exists(context: GateContext) -> Verdict:
    """Skips a message to a customer of whom nothing is known: erased, or never seen."""
    return None if context.profile.identifiers else Skipped(Reason.ERASED)


def not_restricted(context: GateContext) -> Verdict:
    """Skips every message to a person who asked to restrict the processing of his data, whatever its purpose."""
    mark = context.restricted
    return None if mark is None else Skipped(Reason.RESTRICTED, evidence=(of_right(mark),))


def not_objected(context: GateContext) -> Verdict:
    """Skips commercial messages to a person who objected to marketing; a consent does not undo that."""
    mark = context.objected
    if mark is None or not context.request.commercial:
        return None
    return Skipped(Reason.OBJECTED, evidence=(of_right(mark),))


def not_stopped_for_all(context: GateContext) -> Verdict:
    """The global stop holds messages back; those that are still fresh when it ends go out."""
    if not context.controls.global_stop:
        return None
    until = context.now + context.controls.ask_again
    return Deferred(until, Reason.GLOBAL_STOP, evidence=(item("switch", Reason.GLOBAL_STOP, context.controls.at),))


def journey_runs(context: GateContext) -> Verdict:
    """A paused journey's messages wait, those of a stopped one are not sent; the switch acts at once."""
    switch = item("switch", context.request.campaign or context.request.journey, context.switched_at)
    match context.journey_switch:
        case "paused":
            return Deferred(context.now + context.controls.ask_again, Reason.PAUSED, evidence=(switch,))
        case "stopped":
            cancelled = context.request.campaign is not None
            reason = Reason.CAMPAIGN_CANCELLED if cancelled else Reason.JOURNEY_STOPPED
            return Skipped(reason, evidence=(switch,))
        case _:
            return None


def not_left_out(context: GateContext) -> Verdict:
    """Skips a campaign's message to who is in a segment under its ``except`` now."""
    if context.excluded_by is None or context.request.test:
        return None
    return Skipped(Reason.EXCLUDED_SEGMENT, context.excluded_by.get("id", ""), (context.excluded_by,))


def on_allow_list(context: GateContext) -> Verdict:
    """While there is an allow-list, only those on it get anything."""
    allowed = context.controls.allow_list
    if allowed is None:
        return None
    keys = {*context.profile.keys, *([context.address.key] if context.address else ())}
    if keys & allowed:
        return None
    return Skipped(Reason.NOT_ON_ALLOW_LIST, evidence=(item("switch", "allow_list", context.controls.at),))


def has_template(context: GateContext) -> Verdict:
    """The template exists in this release and serves the channel in a language of the customer or the shop."""
    if context.template is None or context.language is None:
        return Skipped(Reason.TEMPLATE_MISSING, evidence=(item("template", context.request.template),))
    return None


def has_address(context: GateContext) -> Verdict:
    """The customer has an address on this channel that is not known to be dead."""
    if context.address is not None:
        return None
    tokens = context.profile.tokens if context.request.channel == "push" else ()
    if not tokens:
        return Skipped(Reason.NO_ADDRESS)
    seen_at = time_text(max(token.seen_at for token in tokens))
    return Skipped(Reason.DEAD_TOKEN, evidence=(item("token", at=context.died_at, seen_at=seen_at),))


def not_suppressed(context: GateContext) -> Verdict:
    """Whatever its purpose, nothing goes to an address that bounced for good or refused all."""
    assert context.address is not None  # noqa: S101  has_address comes before
    found = suppressed(context.consents, context.request.channel, context.address.key, context.now)
    return None if found is None else Skipped(Reason.SUPPRESSED, evidence=(of_consent(found),))


def consented(context: GateContext) -> Verdict:
    """A commercial message needs consent for its address, channel and purpose; a transactional one does not."""
    request = context.request
    assert context.address is not None  # noqa: S101  has_address comes before
    if not request.commercial:
        return None
    state = consent_state(context.consents, request.channel, request.purpose, context.address.key, context.now)
    if state.granted:
        return None
    return Skipped(Reason.NO_CONSENT, evidence=() if state.proof is None else (of_consent(state.proof),))


def approved_at_iys(context: GateContext) -> Verdict:
    """With ``require_iys`` a commercial e-mail or text message goes to a recipient in Turkey only if the register of
    consent holds the approval: of the consumer, or of the merchant who agreed."""
    held = context.iys
    if not context.request.commercial or held is None or held.approved:
        return None
    return Skipped(Reason.NOT_IN_IYS, held.status, (of_iys(held),))


def fresh(context: GateContext) -> Verdict:
    """What comes too late is not sent; ``fresh_until`` itself is too late."""
    request = context.request
    if context.now < request.fresh_until:
        return None
    return Skipped(Reason.STALE, evidence=(of_deadline(request.due, request.fresh_until),))


def coupon_due(context: GateContext) -> Verdict:
    """Skips a step whose coupon the customer was given a short time ago: it says nothing else."""
    give = context.request.give
    if give is None or give.once_per_ms is None or context.request.test:
        return None
    once_per = timedelta(milliseconds=give.once_per_ms)
    before = given_before(context.given, context.request.gift, give.coupon, once_per, context.now)
    if before is None:
        return None
    return Skipped(Reason.COUPON_ONCE_PER, time_text(before.at), (item("coupon", give.coupon, before.at),))


def reputation_unharmed(context: GateContext) -> Verdict:
    """Defers commercial messages of a channel whose bounces or complaints came near the provider's limit, until an
    operator lets them go on."""
    return waits(context.suspension, context.request, context.now)


def no_open_case(context: GateContext) -> Verdict:
    """Defers advertising while a complaint, return or refund of the customer is open.

    The message waits for the next permitted day, as a capped one does. If it is not fresh then, it is skipped with this
    reason.
    """
    if not context.tags:
        return None
    case = next((case for case in context.profile.cases if case.open), None)
    return None if case is None else Deferred(_next_day(context), Reason.OPEN_CASE, case.kind, (of_case(case),))


def not_paused_by_customer(context: GateContext) -> Verdict:
    """Defers commercial messages to the end of the pause that the customer asked for."""
    said = context.preference
    if not context.tags or said is None or said.paused_until is None or not said.paused(context.now):
        return None
    zone = zone_of(context.profile, context.shop, context.now)
    until = next_permitted(said.paused_until, zone, context.shop.send_hours)
    return Deferred(until, Reason.PAUSED_BY_CUSTOMER, evidence=(of_preference(said),))


def no_reported_order(context: GateContext) -> Verdict:
    """Defers a message if a public source reported an order that would end the journey.

    It waits for a trusted source to confirm the order (``provisional_orders``). An hour that ends in the night ends in
    the morning.
    """
    if not context.reported or not context.request.commercial:
        return None
    zone = zone_of(context.profile, context.shop, context.now)
    earliest = next_permitted(context.request.due, zone, context.shop.send_hours)
    found = awaited_order(context.reported, len(context.profile.provisional), earliest, context.now)
    if found is None:
        return None
    until, order = found
    evidence = (item("order", order.id, order.at, channel=order.channel),)
    return Deferred(until, Reason.PROVISIONAL_ORDER, evidence=evidence)


def in_turn(context: GateContext) -> Verdict:
    """If the day has room for one message only, the journey with the higher priority sends first."""
    if not context.tags:
        return None
    zone = zone_of(context.profile, context.shop, context.now)
    cap = context.shop.caps.get("marketing")
    first = goes_first(context.competing, context.request, context.taken, cap, context.now, zone)
    if first is None:
        return None
    until = next_permitted(turn_over(first, context.now), zone, context.shop.send_hours)
    last = _last_moment(context, zone)
    if until > last > max(first.due, context.now):
        until = last  # asked once more while it may still go out: the other one may come to nothing
    return Deferred(until, Reason.PRIORITY, first.journey, (item("journey", first.journey, first.due),))


def within_caps(context: GateContext) -> Verdict:
    """Wait for the next permitted day, if the message is fresh then; a cap of zero never opens."""
    zone = zone_of(context.profile, context.shop, context.now)
    capped = caps.check(context.taken, context.shop.caps, context.request.unit, context.tags, context.now, zone)
    if capped is None:
        return None
    until = None if capped.until is None else next_permitted(capped.until, zone, context.shop.send_hours)
    if until is not None and until < context.request.fresh_until:
        return Deferred(until, capped.reason, evidence=capped.found)
    # Too many on this channel is no word about the next one: it is tried as if this one did not reach.
    reason = Reason.CHANNEL_CAP if capped.tag == context.request.channel else capped.reason
    return Skipped(reason, evidence=capped.found)


def within_personal_cap(context: GateContext) -> Verdict:
    """Defers commercial messages until the limit that the customer chose has a place again."""
    said = context.preference
    if not context.tags or said is None:
        return None
    request = context.request
    capped = caps.check_personal(context.taken, said.one_in_days, request.unit, request.purpose, context.now)
    if capped is None or capped.until is None:
        return None
    zone = zone_of(context.profile, context.shop, context.now)
    until = next_permitted(capped.until, zone, context.shop.send_hours)
    return Deferred(until, capped.reason, evidence=(of_preference(said), *capped.found)[:MOST])


def in_send_hours(context: GateContext) -> Verdict:
    """Defers commercial messages to the customer's next permitted hour."""
    if not context.request.commercial:
        return None
    zone = zone_of(context.profile, context.shop, context.now)
    start = next_permitted(context.now, zone, context.shop.send_hours)
    if start <= context.now:
        return None
    opens = item("send_hours", at=start, fresh_until=time_text(context.request.fresh_until))
    return Deferred(start, Reason.QUIET_HOURS, evidence=(opens,))


def content_still_true(context: GateContext) -> Verdict:
    """Skips a message whose exit rule holds, whose product is gone, or whose template misses something, now."""
    if context.stop is not None or context.product_objection is not None or not context.missing:
        return context.stop or context.product_objection
    fields = tuple(item("field", one) for one in context.missing[:MOST])
    return Skipped(Reason.CONTENT_MISSING, evidence=fields)


GATES: tuple[Gate, ...] = (
    exists,
    not_restricted,
    not_objected,
    not_stopped_for_all,
    journey_runs,
    not_left_out,
    on_allow_list,
    has_template,
    has_address,
    not_suppressed,
    consented,
    approved_at_iys,
    fresh,
    coupon_due,
    not_paused_by_customer,
    reputation_unharmed,
    no_open_case,
    no_reported_order,
    in_turn,
    within_caps,
    within_personal_cap,
    in_send_hours,
    content_still_true,
)


def _last_moment(context: GateContext, zone: ZoneInfo) -> datetime:
    """The last minute of today's send hours in which the message is fresh."""
    today = context.now.astimezone(zone).date()
    end = datetime.combine(today, context.shop.send_hours.end, zone).astimezone(UTC)
    return min(end, context.request.fresh_until) - timedelta(minutes=1)


def _next_day(context: GateContext) -> datetime:
    zone = zone_of(context.profile, context.shop, context.now)
    tomorrow = datetime.combine(context.now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    return next_permitted(tomorrow.astimezone(UTC), zone, context.shop.send_hours)
