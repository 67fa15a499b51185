"""Sends what agents answer in conversations: at most once each, by the same ledger as every other message.

An answer needs no consent, and no cap, turn or send hour holds it back. It stops for the switches, for an address that
gets nothing at all, and after a day. What became of it is told to the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from functions.notify.answer_files import AnswerFiles
from functions.notify.dead_tokens import DeadTokens
from functions.notify.direct_call import objection_to, settled
from functions.notify.provider_gate import Admitted, ProviderGate
from functions.notify.service import TryAgain
from shared.domain.conversations.answer_content import content_of
from shared.domain.conversations.jobs import Outcome, outcome_job
from shared.domain.conversations.mail_headers import own_reference
from shared.domain.conversations.message import Message
from shared.domain.identity.identifiers import Identifier, InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.address import Address
from shared.domain.messages.lifecycle import Busy, Claim, Settled
from shared.domain.messages.message import Deferred, Failed, Reason, Record, Sent, Skipped, Unknown
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.held_rights import Held
from shared.ports import Queue
from shared.ports.sender import Outgoing, Sender
from shared.queries.customer_tree import Tree, load_tree
from shared.queries.push_tokens import push_address, push_holder
from shared.stores.controls import ControlStore
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.ledger import UNREAD, Found, Ledger


@dataclass(frozen=True, slots=True)
class Answering:
    """Sends answers of one channel. ``told`` is the queue that hears what became of them."""

    ledger: Ledger
    conversations: Conversations
    customers: CustomerStore
    controls: ControlStore
    shop_name: Callable[[], str]
    keys: Callable[[Identifier], str]
    sender: Sender | None
    provider: ProviderGate
    told: Queue
    files: AnswerFiles
    dead_tokens: DeadTokens

    def handle(self, request: SendRequest, now: datetime, *, read: Found = UNREAD) -> Record:
        """Bring an answer to an outcome, and tell it. Handed over again, it tells the same.

        Raises
        ------
        TryAgain
            If somebody else works on it.
        """
        now = moment(milliseconds(now))
        match self.ledger.begin(request, request.home, now, read=read, keep=False):
            case Busy():
                raise TryAgain("busy")
            case Settled(record):
                pass
            case Claim(claimed, waited):
                record = self._attempt(request, claimed, waited, now)
        outcome = _outcome(request, record)
        if outcome is not None:
            self.told.send_many([outcome_job(outcome)])
        return record

    def _attempt(self, request: SendRequest, claimed: Record, waited: Deferred | None, now: datetime) -> Record:
        message = self.conversations.message(request.enrollment)
        tree = None if message is None else self._tree(request, message)
        address = None if message is None else self._address(message, tree)
        objection = self._objection(request, message, address, tree, now)
        if objection is not None or message is None or address is None:
            return self.ledger.decide(claimed, objection or Skipped(Reason.ERASED), now)[0]
        sender = self.sender
        if sender is None:
            return self.ledger.decide(claimed, Skipped(Reason.SENDING_OFF), now)[0]
        admitted = self.provider.admit(request, claimed, waited, now)
        if not isinstance(admitted, Admitted):
            return self.ledger.decide(claimed, admitted, now)[0]
        files = self.files.read(message)
        if files is None:
            return self.ledger.decide(claimed, Skipped(Reason.CONTENT_MISSING), now)[0]
        shop = self.shop_name()
        outgoing = Outgoing(
            message_id=request.message_id,
            address=address,
            content=content_of(message, files, shop=shop),
            sender_name=shop,
            purpose=request.purpose,
            headers=_headers(message),
            tags={"journey": "conversations", "message": message.id},
        )
        calling = self.ledger.calling(replace(claimed, address_key=address.key, text=message.subject), now)
        if calling is None:
            raise TryAgain("busy")
        said = self.provider.call(lambda: sender.send(outgoing))
        record = settled(self.ledger, request, calling, said, now)
        self.provider.after(said, admitted, now)
        if tree is not None:
            self.dead_tokens.remember(record, tree, said, now, read=lambda: self._read_tree(request))
        return record

    def _objection(
        self, request: SendRequest, message: Message | None, address: Address | None, tree: Tree | None, now: datetime
    ) -> Skipped | Deferred | None:
        """Why it is not sent, or not yet. Who wants no push messages at all gets none from agents either."""
        if message is None:
            return Skipped(Reason.ERASED)
        if address is None:
            return Skipped(Reason.NO_ADDRESS if tree is None else self._no_device(tree))
        if message.automatic and tree is not None and tree.held(Held.RESTRICT) is not None:
            return Skipped(Reason.RESTRICTED)
        if self._parted(request, message, tree):
            return Skipped(Reason.NO_ADDRESS)
        said = [] if message.channel != "push" or tree is None else tree.profile().consents
        return objection_to(request, address, self.controls, self.customers, now, also=said)

    def _parted(self, request: SendRequest, message: Message, tree: Tree | None) -> bool:
        """Whether the agent was shown another person's conversation than whom the answer goes to, because a link was
        released since it was written. Asked by the roots, and only where one of them is of another identifier."""
        one = self.conversations.get(message.conversation)
        if one is None:
            return False
        shown = [one, *self.conversations.get_many(message.beside)]
        others = {other.home for other in shown} - {request.home}
        if not others:
            return False
        tree = tree or self._read_tree(request)
        far = sorted(others - set(tree.keys))  # or one of very many identifiers, which the tree does not name
        return any(load_tree(self.customers, home).root != tree.root for home in far)

    def _no_device(self, tree: Tree) -> Reason:
        """Whether his devices are dead; a device that somebody else uses now is none of his."""
        dead = bool(tree.profile().tokens) and push_holder(tree, self.keys) is None
        return Reason.DEAD_TOKEN if dead else Reason.NO_ADDRESS

    def _tree(self, request: SendRequest, message: Message) -> Tree | None:
        """The customer, where it is asked about him: his devices, and whether he restricted what is said by itself."""
        return self._read_tree(request) if message.automatic or message.channel == "push" else None

    def _read_tree(self, request: SendRequest) -> Tree:
        return load_tree(self.customers, request.home)

    def _address(self, message: Message, tree: Tree | None) -> Address | None:
        """To devices that are the customer's in this moment, however many he has; else to the identifier itself."""
        if message.channel == "push":
            return None if tree is None else push_address(self.customers, tree, self.keys)
        try:
            who = parse_identifier(message.to)
        except InvalidIdentifier:
            return None
        return Address(message.channel, self.keys(who), who.value)


def _headers(message: Message) -> dict[str, str]:
    """An e-mail continues its thread (RFC 5322, 3.6.4), and is known again in the references of what answers it: SES
    gives it an id of its own."""
    if message.channel != "email":
        return {}
    machine = {"Auto-Submitted": "auto-replied"} if message.automatic else {}  # RFC 3834: so that none answers it
    named = (own_reference(message.id), *message.references)
    continued = {"In-Reply-To": message.references[-1]} if message.references else {}
    return {**machine, **continued, "References": " ".join(named)}


def _outcome(request: SendRequest, record: Record) -> Outcome | None:
    """What the conversation is told; nothing while the answer waits: who handed it over does so again."""
    match record.outcome:
        case Sent(_, provider_id):
            return Outcome(request.enrollment, "sent", reference=provider_id)
        case Unknown(reason):
            return Outcome(request.enrollment, "unknown", reason or "provider_unknown")
        case Skipped(reason) | Failed(reason):
            return Outcome(request.enrollment, "failed", reason)
        case _:
            return None
