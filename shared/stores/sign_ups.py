"""Sign-ups that wait for a code: ``signup#<name>`` in the table ``messages``, forgotten after an hour.

The name is known to the form that asked, and says nothing about the address. Tries are counted beside it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.consent.sign_up import CODE_VALID_FOR, SignUp
from shared.domain.identity.keys import milliseconds, moment
from shared.ports import Table

PREFIX = "signup#"
KEPT = CODE_VALID_FOR + timedelta(minutes=30)
_PENDING, _TRIES, _USES = "pending", "tries", "uses"


class PendingSignUps:
    def __init__(self, messages: Table) -> None:
        self._table = messages

    def put(self, name: str, asked: SignUp) -> None:
        """Durable when it returns. ``asked.message_id`` names the event of the sign-up."""
        self._table.put(
            {
                "pk": PREFIX + name,
                "sk": _PENDING,
                "address": asked.address_key,
                "channel": asked.channel,
                "purposes": list(asked.purposes),
                "text": asked.text_version,
                "asked_ms": milliseconds(asked.at),
                "source": asked.source,
                "event": asked.message_id,
                "expires": int((asked.at + KEPT).timestamp()),
            }
        )

    def get(self, name: str) -> SignUp | None:
        item = self._table.get(PREFIX + name, _PENDING)
        if item is None:
            return None
        return SignUp(
            item["address"], item["channel"], tuple(item["purposes"]), item["text"], moment(item["asked_ms"]),
            item["source"], item["event"],
        )  # fmt: skip

    def count_try(self, name: str, now: datetime) -> int:
        """Which try it is, from 1. Counted before the code is looked at, so tries at the same time are counted too."""
        expires = int((now + KEPT).timestamp())
        return self._table.add(PREFIX + name, _TRIES, {"count": 1}, set_to={"expires": expires})["count"]

    def first_use(self, name: str, now: datetime) -> bool:
        """Whether this code was never used before; of uses at the same time one is the first."""
        expires = int((now + KEPT).timestamp())
        return self._table.add(PREFIX + name, _USES, {"count": 1}, set_to={"expires": expires})["count"] == 1
