"""Which sources may sign tokens for their visitors. The signing secrets themselves are nowhere: they are derived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shared.domain.identity.customer_token import InvalidCustomerToken, TokenKeys, source_of, subject_of
from shared.domain.identity.keys import milliseconds
from shared.ports import Table

SK = "issuer"
KEEP_SECONDS = 60.0
KEEP_MISS_SECONDS = 10.0
KEEP_AT_MOST = 1_000


class TokenIssuers:
    """Reads tokens. An issuer is remembered for a minute per environment, an unknown name for ten seconds.

    ``now`` is the real time, on the local stage too: whoever signs does not know that its clock is shifted.
    """

    def __init__(
        self, catalog: Table, keys: TokenKeys, elapsed: Callable[[], float], now: Callable[[], datetime]
    ) -> None:
        self._catalog = catalog
        self._keys = keys
        self._elapsed = elapsed
        self._now = now
        self._known: dict[str, tuple[float, int | None]] = {}

    def subject(self, token: str) -> str:
        """Whom a token speaks for.

        Raises
        ------
        InvalidCustomerToken
            If it opens nothing now.
        """
        name = source_of(token)
        generation = self._generation(name)
        if generation is None:
            raise InvalidCustomerToken("no source of this name signs tokens: `kervan keys token-secret NAME` allows it")
        return subject_of(token, self._keys.signing_secret(name, generation), self._now())

    def _generation(self, name: str) -> int | None:
        now = self._elapsed()
        kept = self._known.get(name)
        if kept is not None and now < kept[0]:
            return kept[1]
        found = generation_of(self._catalog, name)
        if len(self._known) >= KEEP_AT_MOST:  # names come from outside: a flood of them starts the memory anew
            self._known.clear()
        self._known[name] = (now + (KEEP_MISS_SECONDS if found is None else KEEP_SECONDS), found)
        return found


def generation_of(catalog: Table, name: str) -> int | None:
    """The generation of a source's secret; None if it signs no tokens (any more)."""
    item = catalog.get(_pk(name), SK)
    return None if item is None or item["disabled"] else int(item["generation"])


def allow(catalog: Table, name: str, now: datetime, *, renew: bool = False) -> int:
    """Let a source sign tokens; returns the generation of its secret. ``renew`` ends the tokens signed so far.

    Raises
    ------
    Conflict
        If somebody else changes it at the same moment.
    """
    item = catalog.get(_pk(name), SK)
    if item is not None and not item["disabled"] and not renew:
        return int(item["generation"])
    generation = 1 if item is None else int(item["generation"]) + 1
    created = {"pk": _pk(name), "sk": SK, "generation": generation, "disabled": False, "at": milliseconds(now)}
    catalog.put(created, expect={"pk": None} if item is None else {"generation": item["generation"]})
    return generation


def forbid(catalog: Table, name: str) -> bool:
    """Tokens of this source open nothing any more, within a minute; False if it signed none."""
    item = catalog.get(_pk(name), SK)
    if item is None or item["disabled"]:
        return False
    catalog.put(item | {"disabled": True}, expect={"generation": item["generation"]})
    return True


def _pk(name: str) -> str:
    return f"issuer#{name}"
