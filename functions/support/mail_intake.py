"""Takes an e-mail that SES put into the bucket: its words into the conversation, its files beside."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from functions.support.receiving import Receiving
from shared.domain.conversations.conversation import digest
from shared.domain.conversations.files import kind_of, place_of, refusal
from shared.domain.conversations.mail import MailFile, ReadMail, mail_id, read_mail
from shared.domain.conversations.mail_receipt import MailReceipt
from shared.domain.conversations.message import Attachment, Inbound
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.ports.objects import NoSuchObject, Objects
from shared.stores.conversations import Conversations


@dataclass(frozen=True, slots=True)
class MailIntake:
    """``own``: addresses of ours, in small letters. What comes from them is an echo; answering it would never end."""

    objects: Objects
    conversations: Conversations
    receiving: Receiving
    keys: Callable[[Identifier], str]
    text_of_html: Callable[[str], str]
    own: Collection[str]

    def receive(self, receipt: MailReceipt, now: datetime) -> str:
        """Keep the mail, then delete its object. Returns a word for the counters.

        Done again after a crash, it does the rest. A mail that names no sender stays in the bucket until the bucket's
        rule deletes it.

        Raises
        ------
        Busy
            If others wrote the conversation each time.
        """
        with tempfile.TemporaryDirectory() as folder:
            try:
                raw = self.objects.fetch(receipt.key, Path(folder)).read_bytes()
            except NoSuchObject:
                return "known"
            mail = read_mail(raw, receipt.envelope_sender, self.text_of_html)
            del raw
            who = _identifier(mail.sender)
            if who is None:
                return "nobody"
            if who.value in self.own:
                self.objects.delete([receipt.key])
                return "own"
            return self._keep(mail, who, receipt, now, Path(folder))

    def _keep(self, mail: ReadMail, who: Identifier, receipt: MailReceipt, now: datetime, folder: Path) -> str:
        inbound = Inbound(
            channel="email",
            external_id=mail_id(mail, who),
            home=self.keys(who),
            who=str(who),
            at=min(moment(milliseconds(receipt.at)), moment(milliseconds(now))),
            text=mail.text,
            subject=mail.subject,
            automatic=mail.automatic,
            reference=mail.reference,
            references=mail.references,
            verified=receipt.verified,
            cut=mail.cut,
            quoted=mail.quoted,
            related=self._related(mail, who),
            suspect=receipt.suspect,
            from_list=mail.from_list,
            attachments=self._files(mail, who, infected=receipt.infected, folder=folder),
        )
        became, _message = self.receiving.receive(inbound, now)
        if became == "erased":
            self.objects.delete([one.place for one in inbound.attachments if one.place])
        self.objects.delete([receipt.key])
        return {"taken": "automatic" if mail.automatic else "messages", "known": "known", "erased": "erased"}[became]

    def _files(self, mail: ReadMail, who: Identifier, *, infected: bool, folder: Path) -> tuple[Attachment, ...]:
        """Kept under the message's id, so that a repetition overwrites them."""
        message = digest("received", "email", mail_id(mail, who))
        return tuple(
            self._file(file, place_of(message, number), infected=infected, folder=folder)
            for number, file in enumerate(mail.files, start=1)
        )

    def _file(self, file: MailFile, place: str, *, infected: bool, folder: Path) -> Attachment:
        why = refusal(file.name, file.content, infected=infected)
        kind, size = kind_of(file.content), len(file.content)
        if why:
            return Attachment(file.name, kind, size, refused=why)
        local = folder / "file"
        local.write_bytes(file.content)
        self.objects.put(place, local)
        return Attachment(file.name, kind, size, place)

    def _related(self, mail: ReadMail, who: Identifier) -> str:
        """The conversation that it goes on from, if it was written from another address: an agent sees what it answers,
        and no answer goes there by itself."""
        for message in reversed(mail.replies_to[-1:]):
            found = self.conversations.mark(message)
            conversation = self.conversations.get(found[0]) if found is not None else None
            if conversation is not None and conversation.home != self.keys(who):
                return conversation.id
        return ""


def _identifier(address: str) -> Identifier | None:
    try:
        return identifier(IdentifierType.EMAIL, address, None) if address else None
    except InvalidIdentifier:
        return None
