"""When the consent of an address changed, as IYS counts: one kind of recipient, whole seconds, no bounces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.consent import EVERY_PURPOSE, Consent, counted, in_order
from shared.domain.iys.statement import RecipientType, Status
from shared.domain.privacy.held_rights import Span


class Turn(Struct, frozen=True):
    """From ``at`` on the state is ``status``, because of ``proof``."""

    status: Status
    at: datetime
    proof: Consent


def turns(
    consents: Iterable[Consent], channel: str, purpose: str, address_key: str, recipient_type: RecipientType
) -> list[Turn]:
    """Each change of the state of an address, the oldest first; the first may be a refusal.

    A bounce is nobody's refusal and is left out, and so is a withdrawal that was taken back. A
    grant is of a consumer or of a merchant, a withdrawal of both. Of several changes within a second the last counts:
    IYS's times have no more.
    """
    merchant = recipient_type == "TACIR"
    said = [
        one
        for one in consents
        if not one.bounced and (not one.granted or one.takes_back is not None or one.merchant == merchant)
    ]
    found: list[Turn] = []
    for one in in_order(counted(said, channel, purpose, address_key)):
        at = one.effective_at.replace(microsecond=0)
        if found and found[-1].at == at:
            found.pop()
        status: Status = "ONAY" if one.granted else "RET"
        if not found or found[-1].status != status:
            found.append(Turn(status, at, one))
    return found


def under_objections(found: Sequence[Turn], objections: Sequence[Span], channel: str) -> list[Turn]:
    """The same turns while the person objected to marketing for some time: then the state is a refusal, whatever he
    agrees to meanwhile. When the objection is lifted, what he agreed to holds again, from that second on."""
    held = [(span, _second(span.since), span.lifted_at and _second(span.lifted_at)) for span in objections]
    moments = {turn.at for turn in found} | {start for _, start, _ in held} | {end for _, _, end in held if end}
    result: list[Turn] = []
    for at in sorted(moments):
        span = next((span for span, start, end in held if start <= at and (end is None or at < end)), None)
        base = next((turn for turn in reversed(found) if turn.at <= at), None)
        if span is not None:
            turn = Turn("RET", at, _refusal(span, channel))
        elif base is not None:
            turn = base if base.at == at else _again(base, at, held)
        else:
            continue
        if not result or result[-1].status != turn.status:
            result.append(turn)
    return result


def _again(base: Turn, at: datetime, held: Sequence[tuple[Span, datetime, datetime | None]]) -> Turn:
    """What held before holds again, because a case was lifted: its id stands for the statement."""
    case = next(span.case for span, _, end in held if end == at)
    return Turn(base.status, at, replace(base.proof, message_id=case))


def _refusal(span: Span, channel: str) -> Consent:
    return Consent(
        channel, EVERY_PURPOSE, False, span.since, span.since, False, "kervan", span.case, origin="objection",
    )  # fmt: skip


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
