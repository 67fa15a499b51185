"""The codes of the page of a person's rights: sent three times a day, tried fifteen times a day, and used once."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from functions.ingest.environment import Environment
from functions.ingest.rights_desk import RightsDesk
from functions.ingest.sign_up_form import DAY, too_often
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.privacy.rights_mail import rights_request
from shared.domain.privacy.self_service import MAILS_A_DAY, MOST_TRIES, TRIES_A_DAY, Asked, Kind
from shared.stores.sign_ups import PendingSignUps


class TooManyCodes(Exception):
    """No further code is sent to this address today, or none is compared."""


@dataclass(frozen=True, slots=True)
class RightsCodes:
    composed: Environment
    desk: RightsDesk

    def send(self, kind: Kind, asked: Asked, language: str) -> bool:
        """Hands a mail over, unless the address was written to too often today; whether it was handed over."""
        if too_often(self.composed, self._name(f"privacy-{kind}:{asked.home}"), MAILS_A_DAY, asked.at, DAY):
            return False
        self.desk.mails().send_many([rights_request(kind, language, asked).model_dump_json(exclude_none=True)])
        return True

    def right(self, sent: str, asked: Asked, root: str, code: str, now: datetime) -> bool:
        """Whether this is the code of the mail, for the first time.

        A try is counted before the code is compared, so guesses at the same time count too. It is counted for the
        code, for its address and for the customer behind it: new links and new codes give no new tries.

        Raises
        ------
        TooManyCodes
            If too many were tried today.
        """
        name = self._name(f"privacy-code:{sent}")
        codes = PendingSignUps(self.composed.messages)
        tries = codes.count_try(name, now)
        counted = [self._name(f"privacy-tries:{one}") for one in dict.fromkeys((asked.home, root)) if one]
        if any([too_often(self.composed, one, TRIES_A_DAY, now, DAY) for one in counted]):  # noqa: C419 - count all
            raise TooManyCodes
        same = hmac.compare_digest(self.desk.tokens.digits(asked).encode(), code.encode("utf-8", "surrogatepass"))
        return same and tries <= MOST_TRIES and codes.first_use(name, now)

    def _name(self, what: str) -> str:
        return self.composed.keys(Identifier(IdentifierType.DEVICE, what))
