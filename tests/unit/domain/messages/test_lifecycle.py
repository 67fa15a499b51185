"""The ledger's state machine, as a table of docs/messages.md: every state, number of calls, purpose and outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.messages import lifecycle
from shared.domain.messages.lifecycle import IN_FLIGHT, MAX_TRANSACTIONAL_CALLS, Busy, Claim, Settled, begin
from shared.domain.messages.message import Deferred, Failed, Outcome, Reason, Record, Sent, Skipped, State, Unknown
from shared.domain.messages.request import SendRequest

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
REQUEST = SendRequest(
    home="e.1", enrollment="r1", journey="cart", release=7, step="s", template="t", purpose="marketing",
    channels=("email",), due_ms=1_000, fresh_until_ms=9_000, clock_ms=500,
)  # fmt: skip
LATER = Deferred(NOW + timedelta(hours=2), "throttled")
PURPOSES = ("marketing", "transactional", "service")
OUTCOMES: dict[State, Outcome | None] = {
    State.CLAIMED: None, State.CALLING: None, State.SENT: Sent(EARLIER, "ses-1"), State.FAILED: Failed("provider_x"),
    State.UNKNOWN: Unknown(), State.SKIPPED: Skipped("stale"), State.DEFERRED: Deferred(NOW, "quiet_hours"),
}  # fmt: skip


def record(state: State, purpose: str = "marketing", attempts: int = 1, **more: Any) -> Record:
    return Record(
        **{
            "message_id": REQUEST.message_id, "state": state, "home": "e.1", "root": "u.1", "enrollment": "r1",
            "journey": "cart", "release": 7, "step": "s", "template": "t", "purpose": purpose, "channel": "email",
            "due_ms": 1_000, "clock_ms": 500, "decided_at": EARLIER, "updated_at": EARLIER, "revision": 5,
            "attempts": attempts, "outcome": OUTCOMES[state], "text": "old", "address_key": "old", "language": "en",
            **more,
        }
    )  # fmt: skip


def moved(found: Record, state: State, outcome: Outcome | None, **more: Any) -> Record:
    """One revision later, at this moment; nothing else changes that is not named."""
    return replace(found, state=state, outcome=outcome, updated_at=NOW, revision=found.revision + 1, **more)


def test_a_message_that_nobody_knows_is_claimed() -> None:
    """With all that the request says, and no call yet; once stored, it has one revision more."""
    claimed = begin(None, REQUEST, "u.9", NOW)
    assert isinstance(claimed, Claim)
    empty: dict[str, Any] = {"outcome": None, "text": "", "address_key": "", "language": ""}
    wanted = record(State.CLAIMED, attempts=0, root="u.9", revision=0, decided_at=NOW, updated_at=NOW, **empty)
    assert (claimed.record, claimed.waited) == (wanted, None)
    assert lifecycle.stored(claimed.record) == replace(wanted, revision=1)
    tried = begin(None, REQUEST.model_copy(update={"test": True}), "u.9", NOW)
    assert isinstance(tried, Claim)
    assert tried.record.test


def test_what_an_attempt_finds() -> None:
    """Of a call without an answer: wait while it may be answered, then UNKNOWN, or called again if transactional."""
    for purpose, attempts in product(PURPOSES, (0, 1, 2, 3)):
        check_found(purpose, attempts)


def check_found(purpose: str, attempts: int) -> None:
    request = REQUEST.model_copy(update={"purpose": purpose})
    for state in State:
        found = record(state, purpose, attempts)
        got = begin(found, request, "u.1", NOW)
        match state:
            case State.SENT | State.FAILED | State.UNKNOWN | State.SKIPPED:
                assert got == Settled(found, changed=False)
            case State.CALLING if purpose != "transactional" or attempts >= MAX_TRANSACTIONAL_CALLS:
                assert got == Settled(moved(found, State.UNKNOWN, Unknown()), changed=True)
            case _:
                assert isinstance(got, Claim)
                assert (got.record.state, got.record.outcome) == (State.CLAIMED, None)
                assert (got.record.revision, got.record.attempts, got.record.decided_at) == (5, attempts, NOW)
                assert got.waited == (found.outcome if state is State.DEFERRED else None)
    for age, busy in ((timedelta(), True), (IN_FLIGHT - timedelta(microseconds=1), True), (IN_FLIGHT, False)):
        for sign in (1, -1):  # another machine's clock may be ahead
            calling = record(State.CALLING, purpose, attempts, updated_at=NOW - sign * age)
            assert isinstance(begin(calling, request, "u.1", NOW), Busy) is busy


def test_a_skipped_message_is_taken_up_again_by_a_later_round() -> None:
    """One of a campaign also for another profile with the address, and if what it stood back for came to nothing."""
    of_campaign = {"campaign": "spring", "journey": "spring"}
    for due, campaign, home, reason, again in (
        (1_000, {}, "e.1", "stale", False),
        (1_001, {}, "e.1", "stale", True),
        (999, {}, "e.1", "stale", False),
        (1_000, {}, "e.2", Reason.SUPERSEDED, False),
        (1_000, of_campaign, "e.1", "stale", False),
        (1_000, of_campaign, "e.2", "stale", True),
        (1_000, of_campaign, "e.1", Reason.SUPERSEDED, True),
    ):
        request = REQUEST.model_copy(update={"due_ms": due, "home": home, **campaign})
        got = begin(record(State.SKIPPED, outcome=Skipped(reason)), request, "u.1", NOW)
        assert isinstance(got, Claim) is again, (due, campaign, home, reason)


def test_only_a_claimed_message_is_called() -> None:
    """Each call counts."""
    for state in State:
        found = record(state)
        if state is State.CLAIMED:
            assert lifecycle.calling(found, NOW) == moved(found, State.CALLING, None, attempts=2)
        else:
            with pytest.raises(ValueError, match="cannot be called"):
                lifecycle.calling(found, NOW)


def test_a_provider_that_did_not_take_it() -> None:
    """Definitely not: the call does not count. Without an answer: a transactional message is called again, up to three
    times. In both cases only if nothing else is known by now, and only of the newest call."""
    for case in product(State, PURPOSES, (1, 2, 3), (1, 2, 3)):
        check_not_taken(*case)


def check_not_taken(state: State, purpose: str, mine: int, known: int) -> None:
    own, found = record(State.CALLING, purpose, mine), record(state, purpose, known)
    not_taken = lifecycle.not_taken(own, found, LATER, NOW)
    if mine == known and state in (State.CALLING, State.UNKNOWN):
        assert not_taken == moved(found, State.DEFERRED, LATER, attempts=known - 1)
    else:
        assert not_taken is None
    unanswered = lifecycle.unanswered(own, found, LATER, NOW)
    if purpose == "transactional" and mine == known < MAX_TRANSACTIONAL_CALLS and state is State.CALLING:
        assert unanswered == moved(found, State.DEFERRED, LATER)
    else:
        assert unanswered is None


def test_what_an_attempt_records() -> None:
    """SENT is the strongest word. A failure is believed from the newest call only. A decision counts if nothing was
    stored since, with what was decided about; after a call without an answer it may have gone out all the same."""
    for case in product(State, PURPOSES, (0, 1, 2), (0, 1, 2)):
        check_recorded(*case)


def check_recorded(state: State, purpose: str, mine: int, known: int) -> None:
    own = record(State.CALLING, purpose, mine, text="new", address_key="new", language="tr")
    described = {"text": "new", "address_key": "new", "language": "tr"}
    for since in (0, 1):
        found = record(state, purpose, known, revision=5 + since)
        newest, decided = mine == known, since == 0
        may_be_out = purpose == "transactional" and known > 0
        failed = (
            moved(found, State.UNKNOWN, Unknown("provider_x"))
            if purpose == "transactional" and known > 1
            else moved(found, State.FAILED, Failed("provider_x"))
        )
        wanted: dict[Outcome, Record | None] = {
            Sent(NOW, "ses-2"): moved(found, State.SENT, Sent(NOW, "ses-2")),
            Failed("provider_x"): failed if newest and state in (State.CALLING, State.UNKNOWN) else None,
            Unknown("timeout"): moved(found, State.UNKNOWN, Unknown("timeout"))
            if newest and state is State.CALLING
            else None,
            LATER: moved(found, State.DEFERRED, LATER, **described) if decided else None,
            Skipped("stale"): None
            if not decided
            else moved(found, State.UNKNOWN, Unknown("stale"), **described)
            if may_be_out
            else moved(found, State.SKIPPED, Skipped("stale"), **described),
        }
        for outcome, after in wanted.items():
            assert lifecycle.settle(own, found, outcome, NOW) == (None if state is State.SENT else after), outcome


def test_feedback_says_that_it_went_out() -> None:
    """At the time of the call; also of a transactional message that waits to be called again, if it was called."""
    for state, purpose, attempts in product(State, PURPOSES, (0, 1)):
        found = record(state, purpose, attempts)
        called = state in (State.CALLING, State.UNKNOWN)
        waits = state in (State.CLAIMED, State.DEFERRED) and purpose == "transactional" and attempts > 0
        wanted = moved(found, State.SENT, Sent(EARLIER)) if called or waits else None
        assert lifecycle.settle_by_feedback(found, NOW) == wanted
