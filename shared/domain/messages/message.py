"""A message: how far it is, what became of it, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from shared.domain.messages.evidence import Evidence


class State(StrEnum):
    """``CLAIMED -> CALLING -> SENT | FAILED | UNKNOWN``; SKIPPED and DEFERRED are decided without a call."""

    CLAIMED = "claimed"
    CALLING = "calling"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    DEFERRED = "deferred"


class Reason(StrEnum):
    """Why a message was not sent, or not yet. The words are stable: reports and people rely on them."""

    ERASED = "erased"
    RESTRICTED = "restricted"
    OBJECTED = "objected"
    GLOBAL_STOP = "global_stop"
    PAUSED = "paused"
    JOURNEY_STOPPED = "journey_stopped"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    EXCLUDED_SEGMENT = "excluded_segment"
    SHADOW_MODE = "shadow_mode"
    NOT_ON_ALLOW_LIST = "not_on_allow_list"
    SENDING_OFF = "sending_off"
    TEMPLATE_MISSING = "template_missing"
    CONTENT_MISSING = "content_missing"
    OUT_OF_STOCK = "out_of_stock"
    PRICE_ROSE = "price_rose"
    NO_ADDRESS = "no_address"
    DEAD_TOKEN = "dead_token"  # noqa: S105  a push token that the provider gave up
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    NOT_IN_IYS = "not_in_iys"
    OPTED_OUT = "provider_opted_out"
    INVALID_NUMBER = "provider_invalid_number"
    UNDELIVERABLE = "provider_permanent_failure"
    STALE = "stale"
    SUPERSEDED = "superseded"
    ALREADY_SAID = "already_said"
    SAME_CUSTOMER = "same_customer"
    SAME_ADDRESS = "same_address"
    DAILY_CAP = "daily_cap"
    WEEKLY_CAP = "weekly_cap"
    CHANNEL_CAP = "channel_cap"
    PERSONAL_CAP = "personal_cap"
    PAUSED_BY_CUSTOMER = "paused_by_customer"
    QUIET_HOURS = "quiet_hours"
    STOPPED = "stopped"
    STOPPED_ORDERED = "stopped_ordered"
    STOPPED_CART = "stopped_cart"
    STOPPED_CART_EMPTY = "stopped_cart_empty"
    STOPPED_IN_CART = "stopped_in_cart"
    STOPPED_ORDER = "stopped_order"
    STOPPED_BOUGHT = "stopped_bought"
    STOPPED_OPEN_CASE = "stopped_open_case"
    THROTTLED = "throttled"
    PROVIDER_DOWN = "provider_down"
    PROVIDER_RECOVERING = "provider_recovering"
    WARM_UP = "warm_up"
    QUOTA = "quota"
    REPUTATION = "reputation"
    OPEN_CASE = "open_case"
    PROVISIONAL_ORDER = "provisional_order"
    PRIORITY = "priority"
    COUPON_ONCE_PER = "coupon_once_per"
    COUPON_POOL_EMPTY = "coupon_pool_empty"


UNREACHABLE = frozenset(
    {
        Reason.NO_ADDRESS,
        Reason.DEAD_TOKEN,
        Reason.SUPPRESSED,
        Reason.NO_CONSENT,
        Reason.NOT_IN_IYS,
        Reason.TEMPLATE_MISSING,
        Reason.CONTENT_MISSING,
        Reason.NOT_ON_ALLOW_LIST,
        Reason.OPTED_OUT,
        Reason.INVALID_NUMBER,
        Reason.UNDELIVERABLE,
        Reason.CHANNEL_CAP,
    }
)
"""Reasons that concern one channel only: the next one is tried at once (docs/definitions.md#unreachable-customers)."""


class Sent(Struct, frozen=True):
    """The provider took it. ``provider_id`` is the provider's name for it, if it gave one."""

    at: datetime
    provider_id: str = ""


class Deferred(Struct, frozen=True):
    """Not now, but at ``until``, if it is still fresh then; asked again from the beginning.

    ``detail`` says more than the word in one short text: which journey goes first, what kind of case is open.
    ``evidence``: what made the reason true, with ids and times; two outcomes are equal whatever it holds.
    """

    until: datetime
    reason: str
    detail: str = ""
    evidence: Evidence = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Deferred):
            return NotImplemented
        return (self.until, self.reason, self.detail) == (other.until, other.reason, other.detail)

    def __hash__(self) -> int:
        return hash((self.until, self.reason, self.detail))


class Skipped(Struct, frozen=True):
    """Decided not to send; nothing went out. ``detail`` and ``evidence`` as in ``Deferred``."""

    reason: str
    detail: str = ""
    evidence: Evidence = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Skipped):
            return NotImplemented
        return (self.reason, self.detail) == (other.reason, other.detail)

    def __hash__(self) -> int:
        return hash((self.reason, self.detail))


class Failed(Struct, frozen=True):
    """The provider definitely refused; nothing went out. ``reason``: ``provider_<word>``, ``dead_token``, ..."""

    reason: str


class Unknown(Struct, frozen=True):
    """The provider was called and no answer was recorded: it may have gone out. Never sent again if commercial."""

    reason: str = ""


Outcome = Sent | Deferred | Skipped | Failed | Unknown


class Record(Struct, frozen=True):
    """What the ledger knows of one message.

    ``outcome`` is None while it is CLAIMED or CALLING. ``attempts`` counts the calls begun. ``text`` is the subject or
    title, for the timeline; no address is kept in plain, ``address_key`` is a keyed digest of it. ``decided_at``: when
    last taken up, and orders listings.
    """

    message_id: str
    state: State
    home: str
    root: str
    enrollment: str
    journey: str
    release: int
    step: str
    template: str
    purpose: str
    channel: str
    due_ms: int
    clock_ms: int
    decided_at: datetime
    updated_at: datetime
    revision: int
    attempts: int = 0
    outcome: Outcome | None = None
    text: str = ""
    address_key: str = ""
    language: str = ""
    coupon: str = ""
    """The code that it shows, if it gives one."""
    parts: int = 0
    """Of a text message that was given to the provider: how many parts are billed."""
    test: bool = False
    """Somebody tried a template or a campaign: it is in no count and in no report."""

    @property
    def delivered_or_unknown(self) -> bool:
        """True if the person has it or may have it: the clock freezes, and no second one is sent."""
        return self.state in {State.SENT, State.UNKNOWN, State.CALLING}

    @property
    def final(self) -> bool:
        """True if no attempt with the same request changes it any more (feedback may still settle UNKNOWN as SENT)."""
        return self.state in {State.SENT, State.FAILED, State.UNKNOWN, State.SKIPPED}
