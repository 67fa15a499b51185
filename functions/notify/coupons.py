"""The code that a message shows: chosen when the message is decided, claimed before the call, given back if it is not
sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from functions.notify.message_view import given_at
from functions.notify.send_context import SendContext
from shared.domain.coupons.definition import sample_code
from shared.domain.coupons.given import Given, given_now, kept
from shared.domain.messages.campaign_deduplication import others
from shared.domain.messages.evidence import item
from shared.domain.messages.message import UNREACHABLE, Deferred, Failed, Reason, Record, Skipped, State
from shared.domain.messages.request import CHANNELS, SendRequest
from shared.domain.templates.view import View
from shared.stores.coupons import Candidate, Claim, CouponCodes, Holder, noted_candidate
from shared.stores.ledger import Ledger
from shared.stores.sends import Sends


class Coupons(Struct, frozen=True):
    """One code per unit: every channel and every attempt of a step shows the same code."""

    codes: CouponCodes
    ledger: Ledger

    def choose(
        self, request: SendRequest, reading: SendContext, refused: Collection[str]
    ) -> Candidate | Skipped | None:
        """The unit's code, or one that is probably free; None if the step gives nothing. Writes nothing."""
        give = request.give
        if give is None:
            return None
        held = reading.sends.given.get(request.gift)
        if held is not None and held.coupon == give.coupon and held.code and held.code not in refused:
            return noted_candidate(held.code, held.mark)
        if reading.coupon is None:
            return Candidate(give.coupon)
        if request.test:
            return Candidate(sample_code(give.coupon))
        empty = Skipped(Reason.COUPON_POOL_EMPTY, give.coupon, (item("coupon", give.coupon),))
        return self.codes.candidate(reading.coupon, refused) or empty

    def noted(self, request: SendRequest, reading: SendContext, chosen: Candidate | None, now: datetime) -> Sends:
        """What is reserved, with the code put aside for the unit: written before the claim, so that whoever comes after
        a crash finds which code was meant. A code for everybody is noted only where ``once_per`` asks about it."""
        give, sends = request.give, reading.sends
        if give is None or chosen is None or request.test or (reading.coupon is None and give.once_per_ms is None):
            return sends
        held = sends.given.get(request.gift)
        if held is not None and (held.coupon, held.code) == (give.coupon, chosen.code):
            return sends
        once_per = None if give.once_per_ms is None else timedelta(milliseconds=give.once_per_ms)
        mine = given_now(request.gift, give.coupon, chosen.code, now, once_per, request.fresh_until, mark=chosen.mark)
        return replace(sends, given={**kept(sends.given, now), request.gift: mine})

    def claim(
        self, request: SendRequest, claimed: Record, reading: SendContext, chosen: Candidate | None, now: datetime
    ) -> bool:
        """Claims the code. False if it belongs to another unit: choose again."""
        give, definition = request.give, reading.coupon
        if give is None or chosen is None or definition is None or request.test:
            return True
        holder = Holder(_owner(request), claimed.message_id, claimed.revision, request.home)
        ends = request.valid_until(given_at(request, reading.sends, now))
        return self.codes.claim(definition, chosen, Claim(chosen.code, holder, now, give.percent, ends))

    def taken_back(self, request: SendRequest, reading: SendContext, now: datetime) -> Given | None:
        """The unit's note without its code, if none of its messages went out or still may; the code is free again.

        Asked after the outcome was recorded. The order of reads matters: first the claim, then what became of the
        unit's messages; an attempt that begins later takes the claim over first, and then it is not given up.
        """
        held = reading.sends.given.get(request.gift)
        if held is None or not held.code:
            return None
        messages = [request.model_copy(update={"channels": (channel,)}).message_id for channel in CHANNELS]
        messages += [request.message_id, *others(reading.sends.noted, request)]
        if reading.coupon is None:
            free = self._unsent(request, messages)
        else:
            owner = _owner(request)
            free = self.codes.give_back(
                reading.coupon, held.code, owner, lambda holder: self._unsent(request, [*messages, holder.message_id])
            )
        return held.taken_back(now) if free else None

    def _unsent(self, request: SendRequest, messages: Iterable[str]) -> bool:
        """True if every message of the unit, on whatever channel, is settled, and none of them went out or may have.
        What another profile sent under the same address shows that one's own code."""
        return all(_never_left(record, request.home) for record in self.ledger.get_many(messages).values())


def shown(view: View, chosen: Candidate | None) -> View:
    """The names that the template sees, with the code filled in."""
    return view if chosen is None else {**view, "offer": {**view["offer"], "coupon": chosen.code}}


def comes_to_nothing(request: SendRequest, record: Record) -> bool:
    """Not sent, and no other channel is tried at once; or another profile with this address was sent it."""
    if record.home != request.home:
        return True
    match record.outcome:
        case Deferred():
            return True
        case Skipped(reason) | Failed(reason):
            return reason not in UNREACHABLE or request.for_next_channel() is None
        case _:
            return False


def _owner(request: SendRequest) -> str:
    """Who a claim belongs to: the unit of this home. A campaign is one unit for all its customers."""
    return f"{request.unit}.{request.home}"


def _never_left(record: Record, home: str) -> bool:
    """True if the message was certainly not sent. A transactional message may have been called before without an
    answer."""
    if record.home != home and record.purpose == "marketing":
        return True
    if record.state not in {State.SKIPPED, State.FAILED, State.DEFERRED}:
        return False
    answered = 1 if record.state is State.FAILED else 0
    return record.purpose == "marketing" or record.attempts <= answered
