"""Who is signed in: a signed cookie that is made anew at each sign-in and ends by itself.

A session is never taken from what a browser brought along, so nobody can be signed in under a session that somebody
else knows.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.console.rights import Right, known_roles, rights_of
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken, SignedToken

LIFETIME = timedelta(hours=12)
LONGEST = 2_048
_ID_BYTES = 16
_SALT_BYTES = 12


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``name`` is how the person is shown and named in the list of changes."""

    id: str
    subject: str
    name: str
    roles: tuple[str, ...]
    began: datetime

    @classmethod
    def new(cls, subject: str, name: str, roles: tuple[str, ...], now: datetime) -> Session:
        """With an id that nobody can know."""
        return cls(secrets.token_urlsafe(_ID_BYTES), subject, name, roles, now)

    def may(self, right: Right) -> bool:
        return right in rights_of(self.roles)


class Sessions:
    """Makes and reads sessions and the tokens of their forms, with keys derived from the deployment's secret."""

    def __init__(self, secret: bytes) -> None:
        self._sessions = SignedToken(secret, "kervan console session 1", longest=LONGEST)
        self._forms = SignedToken(secret, "kervan console form 1")
        self._attempts = SignedToken(secret, "kervan console sign-in 1", longest=LONGEST)

    def make(self, session: Session) -> str:
        return self._sessions.make(
            [session.id, session.subject, session.name, ",".join(session.roles), milliseconds(session.began)]
        )

    def read(self, token: str, now: datetime) -> Session | None:
        """The session of a cookie; None if it was not made here or is over."""
        try:
            made, subject, name, roles, began = map(str, self._sessions.read(token))
        except (InvalidToken, ValueError):
            return None
        since = moment(int(began))
        if not since <= now < since + LIFETIME:
            return None
        return Session(made, subject, name, known_roles(roles.split(",")), since)

    def form_token(self, session: Session) -> str:
        """Proves that a form came from a page of this session. Each is different, so that a compressed page tells
        nothing of it."""
        return self._forms.make([session.id, secrets.token_urlsafe(_SALT_BYTES)])

    def is_of(self, session: Session, form_token: str) -> bool:
        """Whether a form's token was made for this session."""
        try:
            named = str(self._forms.read(form_token)[0])
        except (InvalidToken, IndexError):
            return False
        return hmac.compare_digest(named.encode(), session.id.encode())

    def keep_attempt(self, attempt: tuple[str, str, str, str], at: int) -> str:
        """The cookie of a sign-in that begins at a number of milliseconds."""
        return self._attempts.make([*attempt, at])

    def read_attempt(self, token: str) -> tuple[tuple[str, str, str, str], int] | None:
        """What ``keep_attempt`` was given; None if it was not made here."""
        try:
            state, nonce, verifier, path, at = self._attempts.read(token)
        except (InvalidToken, ValueError):
            return None
        return (str(state), str(nonce), str(verifier), str(path)), int(at)
