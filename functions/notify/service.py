"""One message, from the hand-over to its outcome (docs/messages.md).

Read everything, claim it, ask the gates, choose a code, render, reserve its place under the caps and its code, say
CALLING, call the provider once, record what it said. A crash at any point leaves a state from which the next attempt
goes on, and never calls twice for a commercial message.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from functions.notify.campaign_deduplication import already_sent, keep_same_address
from functions.notify.counting_gates import CountingGates
from functions.notify.coupons import Coupons, comes_to_nothing, shown
from functions.notify.dead_tokens import DeadTokens
from functions.notify.follow_up import FollowUp
from functions.notify.message_links import MessageLinks
from functions.notify.outgoing import outgoing_of, parts_of
from functions.notify.provider_gate import Admitted, ProviderGate, not_taken
from functions.notify.send_context import SendContext, SendContextReader
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages import caps
from shared.domain.messages.campaign_deduplication import forget, is_noted, note, once
from shared.domain.messages.evidence import item
from shared.domain.messages.gates import decide
from shared.domain.messages.lifecycle import Busy, Claim, Settled
from shared.domain.messages.message import Deferred, Failed, Reason, Record, Sent, Skipped, Unknown
from shared.domain.messages.request import SendRequest
from shared.domain.templates.content import (
    Content,
    Render,
    Unrenderable,
    compose,
    marked_as_test,
    title_of,
)
from shared.domain.templates.view import without_code
from shared.ports import Conflict, Item
from shared.ports.sender import (
    Accepted,
    Ambiguous,
    Answer,
    Outgoing,
    Postponed,
    Refused,
    Sender,
    Unreachable,
)
from shared.stores.coupons import Candidate
from shared.stores.ledger import UNREAD, Found, Ledger
from shared.stores.sends import put_sends

RESERVING_TRIES = 5


class TryAgain(Exception):
    """Not possible now: the queue offers the message again. ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Notifying:
    """Sends messages of one channel. ``sender`` is None while sending by this channel is off."""

    ledger: Ledger
    contexts: SendContextReader
    follow_up: FollowUp
    render: Render
    sender: Sender | None
    coupons: Coupons
    links: MessageLinks | None = None
    """None where messages are made and not sent (the dry run)."""
    provider: ProviderGate | None = None
    counting_gates: CountingGates = CountingGates()  # noqa: RUF009  it never changes
    """In the dry run every call is answered and nothing is counted."""

    def handle(
        self, request: SendRequest, now: datetime, *, read: Found = UNREAD, events: list[Item] | None = None
    ) -> Record:
        """Bring the message to an outcome, and carry on from it.

        ``read`` is what the ledger said of it, if somebody read that already. With ``events`` the caller stores what
        belongs into customers' logs: ``Email Sent`` and its like are appended, and the message is done only then.

        Raises
        ------
        TryAgain
            If somebody else works on it.
        """
        now = moment(milliseconds(now))
        reading = self.contexts.read(request, now)
        request = reading.context.request
        keep = reading.claim_is_asked_for
        match self.ledger.begin(request, reading.tree.root, now, read=read, keep=keep):
            case Busy():
                raise TryAgain("busy")
            case Settled(record):
                self._give_back(request, record, reading, now)  # a crash may have come between the two
                keep_same_address(request, record, reading.tree, self.ledger, now)
            case Claim(claimed, waited):
                record = self._attempt(request, claimed, waited, reading, now)
        told = self.follow_up.carry_on(request, record, reading.tree, reading.enrollment)
        if events is None:
            self.contexts.customers.put_events(told)
        else:
            events += told
        return record

    def _attempt(
        self, request: SendRequest, claimed: Record, waited: Deferred | None, reading: SendContext, now: datetime
    ) -> Record:
        refused: set[str] = set()
        admitted: Admitted | None = None
        calling: Record | None = None
        try:
            for _ in range(RESERVING_TRIES):
                decided = self._decide(request, reading, refused, now)
                if decided.objection is None and admitted is None:
                    passed = self._admit(claimed, waited, reading)
                    if isinstance(passed, Admitted):
                        admitted = passed
                    else:
                        decided = replace(decided, objection=passed)
                described = _described(claimed, reading, decided)
                if decided.objection is not None:
                    return self._not_sent(request, described, reading, decided.objection, now)
                try:
                    reading = self._reserve(request, reading, decided.code, now)
                except Conflict:
                    reading = self.contexts.read(request, now)
                    continue
                try:
                    mine = self.coupons.claim(request, claimed, reading, decided.code, now)
                except Conflict as other_attempt:
                    raise TryAgain("busy") from other_attempt
                if mine or decided.code is None:
                    prepared = self._prepared(request, reading, decided, now)
                    calling = self.ledger.calling(replace(described, parts=parts_of(prepared.content)), now)
                    break
                refused.add(decided.code.code)
            if calling is None or admitted is None:
                raise TryAgain("busy")
        finally:
            if admitted is not None and calling is None:
                self.counting_gates.give_back(reading.context)
        return self._call(request, calling, reading, prepared, admitted, now)

    def _admit(self, claimed: Record, waited: Deferred | None, reading: SendContext) -> Admitted | Deferred | Skipped:
        """Whether the day, the quota and the provider have room for the message."""
        context = reading.context
        full = self.counting_gates.admit(context)
        if full is not None:
            return full
        passed = self.provider.admit(context.request, claimed, waited, context.now) if self.provider else Admitted()
        if not isinstance(passed, Admitted):
            self.counting_gates.give_back(context)
        return passed

    def _decide(self, request: SendRequest, reading: SendContext, refused: Collection[str], now: datetime) -> _Decided:
        said = already_sent(request, reading.sends.noted, reading.tree, self.ledger, now)
        if isinstance(said, Busy):
            raise TryAgain("busy")
        objection = said or decide(reading.context)
        if objection is not None:
            return _Decided(objection)
        chosen = self.coupons.choose(request, reading, refused)
        if isinstance(chosen, Skipped):
            return _Decided(chosen)
        try:
            content = self._content(request, reading, chosen)
        except Unrenderable:
            return _Decided(Skipped(Reason.CONTENT_MISSING))
        return _Decided(self._switched_off(reading), content, chosen)

    def _not_sent(
        self, request: SendRequest, claimed: Record, reading: SendContext, outcome: Skipped | Deferred, now: datetime
    ) -> Record:
        """A place that an earlier attempt reserved is free again, unless another attempt is calling by now."""
        record, mine = self.ledger.decide(claimed, outcome, now)
        if mine:
            self._release(request, record, reading, now)
        return record

    def _content(self, request: SendRequest, reading: SendContext, chosen: Candidate | None) -> Content:
        context = reading.context
        template, language = context.template, context.language
        assert template is not None  # noqa: S101  the gate has_template comes before
        assert language is not None  # noqa: S101
        content = compose(template, request.channel, language, shown(reading.view, chosen), self.render)
        return marked_as_test(content) if request.test else content

    def _switched_off(self, reading: SendContext) -> Skipped | None:
        """Shadow mode, or no sender: decided, rendered, recorded; nothing is sent."""
        controls = reading.context.controls
        if controls.shadow:
            return Skipped(Reason.SHADOW_MODE, evidence=(item("switch", "shadow", controls.at),))
        return Skipped(Reason.SENDING_OFF) if self.sender is None else None

    def _reserve(
        self, request: SendRequest, reading: SendContext, chosen: Candidate | None, now: datetime
    ) -> SendContext:
        """The place, the code and the note of a campaign in one write, on condition that nobody wrote meanwhile. What a
        cap counts and what a campaign says is written on each attempt: two attempts that find the place of a third one
        meet here, and so do two messages of a campaign that speak to one person."""
        tags = reading.context.tags
        places = caps.reserve(
            reading.sends.places, request.unit, tags, request.channel, now, request.message_id,
            one_in_days=reading.context.one_in_days,
        )  # fmt: skip
        noted = note(reading.sends.noted, request, now)
        wanted = replace(self.coupons.noted(request, reading, chosen, now), places=places, noted=noted)
        if wanted == reading.sends and not tags and not once(request):
            return reading
        sends = put_sends(self.contexts.customers, reading.tree.root, wanted)
        return replace(reading, sends=sends)

    def _release(self, request: SendRequest, record: Record, reading: SendContext, now: datetime) -> None:
        """Gives the place back, unless it is that of another message of the campaign, and the code unless another
        channel is tried. If somebody else writes at the same time, a place is left to run out; a code is not."""
        if is_noted(reading.sends.noted, request):
            places = caps.release(reading.sends.places, request.unit, request.channel)
            wanted = replace(reading.sends, places=places, noted=forget(reading.sends.noted, request))
            if wanted != reading.sends:
                with suppress(Conflict):
                    sends = put_sends(self.contexts.customers, reading.tree.root, wanted)
                    reading = replace(reading, sends=sends)
        self._give_back(request, record, reading, now)

    def _give_back(self, request: SendRequest, record: Record, reading: SendContext, now: datetime) -> None:
        """The code of a message that comes to nothing. First the code, then the note of it: a repetition after a crash
        finds the note and gives it back again, which changes nothing."""
        if not comes_to_nothing(request, record):
            return
        for _ in range(RESERVING_TRIES):
            try:
                taken_back = self.coupons.taken_back(request, reading, now)
            except Conflict as other_attempt:
                raise TryAgain("busy") from other_attempt
            if taken_back is None:
                return
            given = {**reading.sends.given, request.gift: taken_back}
            try:
                put_sends(self.contexts.customers, reading.tree.root, replace(reading.sends, given=given))
            except Conflict:
                reading = self.contexts.read(request, now)
                continue
            return
        raise TryAgain("busy")

    def _prepared(self, request: SendRequest, reading: SendContext, decided: _Decided, now: datetime) -> Outgoing:
        content = decided.content
        assert content is not None  # noqa: S101  it is rendered where nothing objects
        if self.links is not None:
            content = self.links.follow(request, reading, content, now)
        return outgoing_of(request, reading, content)

    def _call(
        self,
        request: SendRequest,
        calling: Record,
        reading: SendContext,
        outgoing: Outgoing,
        admitted: Admitted,
        now: datetime,
    ) -> Record:
        sender, provider = self.sender, self.provider
        assert sender is not None  # noqa: S101  _switched_off comes before
        answer = sender.send(outgoing) if provider is None else provider.call(lambda: sender.send(outgoing))
        record = self._answered(request, calling, reading, answer, now)
        if provider is not None:
            provider.after(answer, admitted, now)
        dead = DeadTokens(self.contexts.customers, self.follow_up)
        dead.remember(record, reading.tree, answer, now, read=lambda: self.contexts.read(request, now).tree)
        return record

    def _answered(
        self, request: SendRequest, calling: Record, reading: SendContext, answer: Answer, now: datetime
    ) -> Record:
        """Records the answer in the ledger first: what follows can be repeated, the call cannot."""
        match answer:
            case Accepted(provider_id):
                return self.ledger.settle(calling, Sent(now, provider_id), now)
            case Ambiguous(reason, about_address=about):
                told = not_taken(request, reason, now, about_address=about)
                return self.ledger.unanswered(calling, told, Unknown(reason), now)
            case Unreachable(reason) | Refused(reason):
                record = self.ledger.settle(calling, Failed(reason), now)
                if isinstance(record.outcome, Failed):
                    self._release(request, record, reading, now)
                return record
            case Postponed(reason, about_address=about):
                told = not_taken(request, reason, now, about_address=about)
                record = self.ledger.not_taken(calling, told, now)
                if isinstance(record.outcome, Deferred):
                    self._release(request, record, reading, now)
                    self.counting_gates.give_back(reading.context)
                return record
            case _:
                assert_never(answer)


class _Decided(Struct, frozen=True):
    """The result of the gates: the objection, if there is one, and the rendered content, if it was rendered."""

    objection: Skipped | Deferred | None
    content: Content | None = None
    code: Candidate | None = None


def _described(claimed: Record, reading: SendContext, decided: _Decided) -> Record:
    """What the ledger keeps of the content: the title, the language, the code, and the address as a digest."""
    address = reading.context.address
    return replace(
        claimed,
        text=without_code(title_of(decided.content), reading.view) if decided.content else "",
        address_key=address.key if address else "",
        language=reading.context.language or "",
        coupon=decided.code.code if decided.code and decided.objection is None else "",
    )
