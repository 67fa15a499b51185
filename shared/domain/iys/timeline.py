"""When the consent of an address changed, as IYS counts: one kind of recipient, whole seconds, no bounces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.consent.consent import Consent, counted, in_order
from shared.domain.iys.statement import RecipientType, Status


@dataclass(frozen=True, slots=True)
class Turn:
    """From ``at`` on the state is ``status``, because of ``proof``."""

    status: Status
    at: datetime
    proof: Consent


def turns(
    consents: Iterable[Consent], channel: str, purpose: str, address_key: str, recipient_type: RecipientType
) -> list[Turn]:
    """Each change of the state of an address, the oldest first; the first may be a refusal.

    A bounce is nobody's refusal and is left out. A grant is of a consumer or of a merchant, a withdrawal of both. Of
    several changes within a second the last counts: IYS's times have no more.
    """
    merchant = recipient_type == "TACIR"
    said = [one for one in consents if not one.bounced and (not one.granted or one.merchant == merchant)]
    found: list[Turn] = []
    for one in in_order(counted(said, channel, purpose, address_key)):
        at = one.effective_at.replace(microsecond=0)
        if found and found[-1].at == at:
            found.pop()
        status: Status = "ONAY" if one.granted else "RET"
        if not found or found[-1].status != status:
            found.append(Turn(status, at, one))
    return found
