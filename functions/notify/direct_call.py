"""What messages that no journey sends have in common: what holds them back, and what the provider's answer means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from functions.notify.provider_gate import not_taken
from shared.domain.consent.consent import Consent
from shared.domain.consent.suppression import suppressed
from shared.domain.messages.address import Address
from shared.domain.messages.message import Deferred, Failed, Reason, Record, Sent, Skipped, Unknown
from shared.domain.messages.request import SendRequest
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused, Unreachable
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.ledger import Ledger


def objection_to(
    request: SendRequest,
    address: Address,
    controls: ControlStore,
    customers: CustomerStore,
    now: datetime,
    *,
    also: Sequence[Consent] = (),
) -> Skipped | Deferred | None:
    """Why it is not sent to this address, or not yet: the switches, an address that gets nothing at all, its age.
    ``also``: statements of the customer beside those about the address."""
    switches = controls.read()
    if switches.global_stop:
        return Deferred(now + switches.ask_again, Reason.GLOBAL_STOP)
    if switches.allow_list is not None and address.key not in switches.allow_list:
        return Skipped(Reason.NOT_ON_ALLOW_LIST)
    said = (*customers.control(address.key).consents, *also)
    if suppressed(said, request.channel, address.key, now):
        return Skipped(Reason.SUPPRESSED)
    if now >= request.fresh_until:
        return Skipped(Reason.STALE)
    return Skipped(Reason.SHADOW_MODE) if switches.shadow else None


def settled(ledger: Ledger, request: SendRequest, record: Record, answer: Answer, now: datetime) -> Record:
    """The ledger first: what follows can be repeated, the call cannot."""
    match answer:
        case Accepted(provider_id):
            return ledger.settle(record, Sent(now, provider_id), now)
        case Ambiguous(reason):
            return ledger.settle(record, Unknown(reason), now)
        case Unreachable(reason) | Refused(reason):
            return ledger.settle(record, Failed(reason), now)
        case Postponed(reason, about_address=about):
            return ledger.not_taken(record, not_taken(request, reason, now, about_address=about), now)
        case _:
            assert_never(answer)
