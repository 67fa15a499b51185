"""E-mails of a person that nobody took yet: they lie in the bucket, for 14 days at most, and no table names them.

A mail that was taken is gone from the bucket. What is left named nobody or several people, or waits as a dead letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from shared.domain.conversations.mail import senders_of
from shared.domain.conversations.mail_receipt import PREFIX
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier
from shared.ports.objects import Found, NoSuchObject, Objects

MOST = 5_000
"""Mails that are looked at for one address. A shop has a handful; more are the mark of a mail loop."""
HEAD_BYTES = 64_000
"""Of one mail: whoever sends many large ones must not hold up an erasure."""


@dataclass(frozen=True, slots=True)
class MailErasure:
    """``keys`` makes the key of an identifier."""

    files: Callable[[], Objects]
    keys: Callable[[Identifier], str]

    def erase(self, home: str) -> int:
        """Deletes the mails that name this address as their sender. Returns how many. Done again, it finds none."""
        doomed = [found.key for found in islice(self.files().listed(PREFIX), MOST) if self._is_from(home, found)]
        if doomed:
            self.files().delete(doomed)
        return len(doomed)

    def _is_from(self, home: str, found: Found) -> bool:
        try:
            head = self.files().beginning(found.key, HEAD_BYTES)
        except NoSuchObject:  # it was taken meanwhile; then its conversation is erased, or the mail refused
            return False
        return any(self._key(address) == home for address in senders_of(head))

    def _key(self, address: str) -> str | None:
        try:
            return self.keys(identifier(IdentifierType.EMAIL, address, None))
        except InvalidIdentifier:
            return None
