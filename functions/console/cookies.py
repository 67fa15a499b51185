"""The console's cookies: no script reads them, no other site sends them along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

SESSION, SIGN_IN, LANGUAGE, THEME = "session", "sign-in", "language", "theme"
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Cookies:
    """``secure``: over TLS, where the prefix ``__Host-`` keeps other hosts of the domain from setting them. A laptop
    has no TLS."""

    secure: bool

    def name(self, kind: str) -> str:
        return f"__Host-kervan-{kind}" if self.secure else f"kervan-{kind}"

    def value(self, given: Mapping[str, str], kind: str) -> str:
        """What a browser sent, empty if it sent none."""
        return given.get(self.name(kind), "")

    def set(self, kind: str, value: str, lifetime: timedelta) -> str:
        """One ``Set-Cookie``. ``value`` needs no quoting: letters, digits, ``-`` and ``_``."""
        end = "; Secure" if self.secure else ""
        seconds = int(lifetime.total_seconds())
        return f"{self.name(kind)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{end}"

    def end(self, kind: str) -> str:
        return self.set(kind, "", timedelta(0))
