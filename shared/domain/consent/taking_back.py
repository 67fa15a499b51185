"""Who may take a refusal back without proving that an address is his: whoever refused in the same way.

A reply by SMS proves the number, and the link of a mail proves the mailbox. Neither proves that the person ever agreed
elsewhere: so what they say is never a first consent there, and lifts no refusal that was made in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.domain.consent.consent import Consent, consent_state


def takes_back(
    consents: Iterable[Consent], channel: str, purpose: str, address_key: str, origin: str, now: datetime
) -> bool:
    """Whether a grant of this ``origin`` counts: only if a refusal of the same origin is what holds, nothing but
    refusals of that origin stands against the address, and a grant of another origin was made before for the address
    or the customer. A refusal of this origin that came on top of a bounce or of another one takes neither back."""
    said = list(consents)
    state = consent_state(said, channel, purpose, address_key, now)
    if state.granted or state.proof is None or not _refused_by(state.proof, origin):
        return False
    others = [one for one in said if one.granted or not _refused_by(one, origin)]
    return consent_state(others, channel, purpose, address_key, now).granted and any(
        one.granted
        and one.may_grant
        and (one.channel, one.purpose) == (channel, purpose)
        and one.address_key in {"", address_key}
        and one.origin != origin
        for one in said
    )


def _refused_by(one: Consent, origin: str) -> bool:
    """Whether it was said in this way. A public source may claim any origin, and proves none."""
    return one.origin == origin and not one.public
