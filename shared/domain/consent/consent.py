"""Consent to be written to: per address, channel and purpose, and the one rule by which it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct

ConsentChannel = Literal["email", "sms", "push"]
CHANNELS: tuple[ConsentChannel, ...] = ("email", "sms", "push")
MARKETING = "marketing"
EVERY_PURPOSE = "all"
"""Everything on a channel: an address that bounced for good, a complaint, a refusal of every message."""


OWN_SOURCES = frozenset({"kervan", "ses", "iys"})
"""Who speaks for this deployment itself; no key of a source has such a name."""
HARD_BOUNCE, SOFT_BOUNCES = "hard_bounce", "soft_bounces"
BOUNCES = frozenset({HARD_BOUNCE, SOFT_BOUNCES})
"""Why an address was given up that nobody refused: what an operator may undo."""
LIFTED = "suppression_lifted"
TAKEN_BACK = "withdrawal_taken_back"
"""The origin of an operator's word that a withdrawal is forged."""


class TakenBack(Struct, frozen=True):
    """The withdrawal that an operator took back, beside the channel, purpose and address of both; who did it and why.

    ``time`` is that of the withdrawal.
    """

    source: str
    message_id: str
    time: datetime
    by: str = ""
    because: str = ""
    run: tuple[datetime, int] | None = None
    """Of a folded run: when its first statement reached us, and how many there were. The same statement may be the last
    of another run in another partition, or be kept by itself."""


class FoldedRun(Struct, frozen=True):
    """What one item says of several statements of a public source that were folded into it (docs/api.md#consent).

    All of them said the same of the same address, channel and purpose. Statements that came long before or after
    are another run, so that who takes back those of a span takes back no others.
    """

    first_received: datetime
    last_received: datetime
    count: int
    counts_from: datetime
    """The newest ``effective_at`` of the run."""
    own: bool = False
    """Whether each named a browser that was the customer's when it was said; else none did."""
    widened: bool = False
    """Whether some named other purposes or addresses, and are kept as of the whole channel: there were too many."""


class Consent(Struct, frozen=True):
    """One statement of consent, as ingest stored it; with ``run`` the one that was stored last of several.

    ``address_key`` is the partition key of the address that the event named, else empty: then it speaks for the
    customer's addresses of this channel. ``may_grant`` is the permission that the source had when it spoke.
    """

    channel: str
    purpose: str
    granted: bool
    time: datetime
    received_at: datetime
    may_grant: bool
    source: str
    message_id: str
    address_key: str = ""
    text_version: str = ""
    origin: str = ""
    link: str = ""
    """The message whose link led to the page on which it was said."""
    merchant: bool = False
    """A grant as a merchant (IYS: TACIR), and not as a consumer. A withdrawal is of both."""
    run: FoldedRun | None = None
    """None: it is one statement, as it was said."""
    public: bool = False
    """Whether a source said it whose key anybody can read."""
    takes_back: TakenBack | None = None
    """The withdrawal that counts no more because of this statement. It grants nothing: what held before holds again."""

    @property
    def bounced(self) -> bool:
        """Whether it says that the address does not take mail, and not that somebody refused."""
        return not self.granted and self.origin in BOUNCES and self.source in OWN_SOURCES

    @property
    def lifts(self) -> bool:
        """Whether it takes back what bounces said of the address until then. It grants nothing."""
        return self.granted and self.purpose == EVERY_PURPOSE and self.origin == LIFTED and self.source in OWN_SOURCES

    @property
    def name(self) -> tuple[str, str, str, str, str, datetime, tuple[()] | tuple[datetime, int]]:
        """By which it is known among the statements of its sources; of one that takes a withdrawal back that of the
        withdrawal."""
        what = self.takes_back or self
        return (
            self.channel, self.purpose, self.address_key, what.source, what.message_id, what.time,
            (self.takes_back.run if self.takes_back is not None else self.seen_run) or (),
        )  # fmt: skip

    @property
    def seen_run(self) -> tuple[datetime, int] | None:
        """What tells a run from another one with the same last statement; None if it is that statement alone."""
        run = self.run
        return None if run is None or run.count == 1 else (run.first_received, run.count)

    @property
    def last_received(self) -> datetime:
        """When the last statement of a run reached us; of one statement when it did."""
        return self.received_at if self.run is None else self.run.last_received

    @property
    def effective_at(self) -> datetime:
        """When it counts from: a withdrawal at the later of the client's and our time, a grant at the earlier."""
        if self.run is not None:
            return self.run.counts_from
        return min(self.time, self.received_at) if self.granted else max(self.time, self.received_at)


class ConsentState(Struct, frozen=True):
    """Yes or no, and the statement that decides it: who said it, when, where, to which text. None: nobody ever did."""

    granted: bool
    proof: Consent | None = None


def consent_state(
    consents: Iterable[Consent], channel: str, purpose: str, address_key: str, now: datetime
) -> ConsentState:
    """May this address be written to on this channel for this purpose, by what had reached us at ``now``?

    Statements that named another address do not count. A withdrawal counts from any source, a grant only from one that
    may grant. The later decides, a withdrawal wins a tie. Without any grant the answer is no. A grant that was sent
    again counts from the first time, so that a late retry does not beat a withdrawal made in between.

    With an empty ``address_key`` (no address is known yet) only what speaks for the whole customer counts.
    """
    said = (one for one in consents if one.received_at <= now)
    deciding = max(counted(said, channel, purpose, address_key), key=_strength, default=None)
    return ConsentState(deciding is not None and deciding.granted, deciding)


def counted(consents: Iterable[Consent], channel: str, purpose: str, address_key: str) -> list[Consent]:
    """The statements that count for an address, channel and purpose; the one that counts from later is the stronger."""
    heard = in_force(_for_address(consents, channel, address_key))
    grants = first_of_each(one for one in heard if one.granted and one.may_grant and one.purpose == purpose)
    return [*grants, *(one for one in heard if not one.granted and one.purpose in {purpose, EVERY_PURPOSE})]


def in_order(consents: Iterable[Consent]) -> list[Consent]:
    """The weakest first: of statements that ``counted`` gave, the last of each beginning decides at its time."""
    return sorted(consents, key=_strength)


def in_force(consents: Iterable[Consent]) -> list[Consent]:
    """Statements of one address without the withdrawals and bounces that were taken back later, and without what took
    them back.

    A refusal by a person is no bounce: nothing but a grant ends it. Of withdrawals only those of public sources can be
    taken back, each by its name. A withdrawal that was sent again is one, which counts from its first arrival in any of
    the partitions that hold it.
    """
    said = _without_forged(_first_heard(consents))
    lifted = max((one.received_at for one in said if one.lifts), default=None)
    if lifted is None:
        return said
    return [one for one in said if not one.lifts and not (one.bounced and one.received_at <= lifted)]


def _without_forged(said: list[Consent]) -> list[Consent]:
    taken = {
        one.name: one.received_at
        for one in sorted(said, key=lambda one: one.received_at)
        if one.takes_back is not None and one.source in OWN_SOURCES
    }
    if not taken:
        return said

    def forged(one: Consent) -> bool:
        return one.public and not one.granted and one.name in taken and one.last_received <= taken[one.name]

    return [one for one in said if one.takes_back is None and not forged(one)]


def _for_address(consents: Iterable[Consent], channel: str, address_key: str) -> Iterator[Consent]:
    return (one for one in consents if one.channel == channel and one.address_key in {"", address_key})


def _first_heard(consents: Iterable[Consent]) -> list[Consent]:
    found: dict[tuple[object, ...], Consent] = {}
    for one in consents:
        name: tuple[object, ...] = (*one.name, one.public)
        if one.granted or one.run is not None:
            name = (one,)
        if name not in found or _strength(one) < _strength(found[name]):
            found[name] = one
    return list(found.values())


def first_of_each(grants: Iterable[Consent]) -> list[Consent]:
    """Grants, each once: one that was sent again counts from its first arrival."""
    first: dict[tuple[object, ...], Consent] = {}
    for one in grants:
        name = (one.source, one.message_id, one.address_key, one.run)
        if name not in first or _strength(one) < _strength(first[name]):
            first[name] = one
    return list(first.values())


def _strength(one: Consent) -> tuple[datetime, bool, datetime, datetime, tuple[str, ...]]:
    """Orders statements; what follows the second place only keeps the proof the same whatever the order of reading."""
    rest = (
        one.message_id, one.source, one.address_key, one.purpose, one.text_version, one.origin, one.link,
        str(one.may_grant), str(one.merchant), str(one.run), str(one.public), str(one.takes_back),
    )  # fmt: skip
    return one.effective_at, not one.granted, one.received_at, one.time, rest
