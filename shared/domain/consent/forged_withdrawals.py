"""Which withdrawals of a public source an operator may take back, and the statement by which he does it; pure.

Anybody can read a public key, and withdraw for others whose ids he guesses. Such withdrawals hold like all others until
an operator takes those of one source and time back (docs/runbooks/withdrawals.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from shared.domain.consent.consent import EVERY_PURPOSE, TAKEN_BACK, Consent, TakenBack, in_force
from shared.domain.consent.folding import SEVERAL

LONGEST_SPAN = timedelta(days=7)
"""Of one attack that is taken back at once."""
SOURCE = "kervan"
TOLD = "told_at_register"
"""The origin of a refusal that holds because the register of consent was told of a forged one meanwhile."""
LeftOut = Literal["erased", "restricted", "folded", "no_event", "himself", "confirmed", "at_register"]
"""Why a withdrawal stays: the customer was erased or restricted; it is folded with others that are no part of the
attack; its event is not in the log, so that nobody can say who made it; it came from a browser that was his before; he
said it again in another way; the register of consent was told of it."""


class Attack(Struct, frozen=True):
    """Withdrawals of one public source that reached us between two instants, both included. Of several that were folded
    into one, all of them."""

    source: str
    begin: datetime
    end: datetime

    def holds(self, said: Consent) -> bool:
        """Whether it is one of them."""
        withdrawal = said.public and not said.granted and said.source == self.source
        return withdrawal and self.begin <= _first_received(said) and said.last_received <= self.end

    def folded(self, said: Consent) -> bool:
        """Whether withdrawals of the attack may be folded into it together with others: it is left as it is."""
        if said.run is None or said.granted or not said.public or self.holds(said):
            return False
        meets = said.run.first_received <= self.end and self.begin <= said.run.last_received
        return meets and said.source in {self.source, SEVERAL}


class Circumstances(Struct, frozen=True):
    """What is known of the customer whose consent was withdrawn. ``statements``: all that were made of him.

    ``logged``: the event of the withdrawal is in the log. ``own_browser``: it names a browser or device that was his
    before the attack. ``told``: the register of consent holds a refusal of one of the addresses, or one is on its way
    there.
    """

    statements: tuple[Consent, ...]
    logged: bool = True
    own_browser: bool = False
    told: bool = False
    erased: bool = False
    restricted: bool = False


def reason_to_stay(withdrawal: Consent, attack: Attack, known: Circumstances) -> LeftOut | None:
    """Why the withdrawal is not taken back; None if it is."""
    if known.erased:
        return "erased"
    if known.restricted:
        return "restricted"
    if attack.folded(withdrawal):
        return "folded"
    if withdrawal.run is None and not known.logged:
        return "no_event"
    if known.own_browser or (withdrawal.run is not None and withdrawal.run.own):
        return "himself"
    if confirmed(withdrawal, known.statements):
        return "confirmed"
    return "at_register" if known.told else None


def confirmed(withdrawal: Consent, statements: Iterable[Consent]) -> bool:
    """Whether the refusal was said again since, in a way that proves who said it: by a link, a reply, the page of
    preferences, the register, a trusted source."""
    return any(
        not one.granted
        and not one.public
        and not one.bounced
        and one.received_at >= _first_received(withdrawal)
        and one.channel == withdrawal.channel
        and one.purpose in {withdrawal.purpose, EVERY_PURPOSE}
        and ("" in (one.address_key, withdrawal.address_key) or one.address_key == withdrawal.address_key)
        for one in in_force(statements)
    )


def take_back(withdrawal: Consent, by: str, because: str, message_id: str, now: datetime) -> Consent:
    """The statement that takes the withdrawal back from ``now`` on. It belongs into each partition that holds it."""
    return Consent(
        channel=withdrawal.channel,
        purpose=withdrawal.purpose,
        granted=True,
        time=now,
        received_at=now,
        may_grant=False,
        source=SOURCE,
        message_id=message_id,
        address_key=withdrawal.address_key,
        origin=TAKEN_BACK,
        takes_back=TakenBack(
            withdrawal.source, withdrawal.message_id, withdrawal.time, by, because, withdrawal.seen_run
        ),
    )


def taken_back(withdrawal: Consent, statements: Iterable[Consent]) -> bool:
    """Whether one of the statements takes it back."""
    return withdrawal not in in_force([withdrawal, *(one for one in statements if one.takes_back is not None)])


def _first_received(said: Consent) -> datetime:
    return said.received_at if said.run is None else said.run.first_received
