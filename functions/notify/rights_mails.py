"""Sends the link and the code to who asks for his rights (docs/privacy.md#by-the-person-himself).

No consent is needed, and neither a restriction nor a cap holds them back: without them nobody could lift one. Nothing
is sent, and nothing recorded, for an address that proves nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from functions.notify.direct_call import objection_to, settled
from functions.notify.provider_gate import Admitted, ProviderGate
from functions.notify.service import TryAgain
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.address import Address
from shared.domain.messages.lifecycle import Busy, Claim, Settled
from shared.domain.messages.message import Deferred, Reason, Record, Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.rights_mail import STEPS, TEXTS, rights_mail
from shared.domain.privacy.self_service import PATH, Asked, RightsTokens
from shared.ports.sender import Outgoing, Sender
from shared.queries.proven_person import proven_person
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.ledger import UNREAD, Found, Ledger


@dataclass(frozen=True, slots=True)
class RightsMails:
    """``public_url`` is where the page answers."""

    ledger: Ledger
    customers: CustomerStore
    controls: ControlStore
    shop_name: Callable[[], str]
    keys: Callable[[Identifier], str]
    tokens: RightsTokens
    public_url: str
    sender: Sender | None
    provider: ProviderGate

    def handle(self, request: SendRequest, now: datetime, *, read: Found = UNREAD) -> Record | None:
        """Bring a mail to an outcome; None if the address proves nobody.

        Raises
        ------
        TryAgain
            If somebody else works on it.
        """
        now = moment(milliseconds(now))
        person = proven_person(self.customers, request.home, self.keys, now)
        if person is None or request.step not in STEPS:
            return None
        address = person.address
        match self.ledger.begin(request, request.home, now, read=read, keep=False):
            case Busy():
                raise TryAgain("busy")
            case Settled(record):
                return record
            case Claim(claimed, waited):
                return self._attempt(request, address, claimed, waited, now)

    def _attempt(
        self, request: SendRequest, address: Address, claimed: Record, waited: Deferred | None, now: datetime
    ) -> Record:
        objection = objection_to(request, address, self.controls, self.customers, now)
        if objection is not None:
            return self.ledger.decide(claimed, objection, now)[0]
        sender = self.sender
        if sender is None:
            return self.ledger.decide(claimed, Skipped(Reason.SENDING_OFF), now)[0]
        admitted = self.provider.admit(request, claimed, waited, now)
        if not isinstance(admitted, Admitted):
            return self.ledger.decide(claimed, admitted, now)[0]
        outgoing = self._outgoing(request, address)
        subject = TEXTS[request.step.partition("-")[2]][f"{request.step.partition('-')[0]}_subject"]
        calling = self.ledger.calling(replace(claimed, address_key=address.key, text=subject), now)
        if calling is None:
            raise TryAgain("busy")
        said = self.provider.call(lambda: sender.send(outgoing))
        record = settled(self.ledger, request, calling, said, now)
        self.provider.after(said, admitted, now)
        return record

    def _outgoing(self, request: SendRequest, address: Address) -> Outgoing:
        asked = Asked(request.home, moment(request.due_ms))
        is_link = request.step.startswith("link")
        shown = f"{self.public_url}{PATH}{self.tokens.make('link', asked)}" if is_link else self.tokens.digits(asked)
        return Outgoing(
            message_id=request.message_id,
            address=address,
            content=rights_mail(request.step, shown),
            sender_name=self.shop_name(),
            purpose=request.purpose,
            headers={},
            tags={"journey": "rights"},
        )
