"""How statements of public sources become runs: what is kept apart, and what is kept as more than was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from shared.domain.consent.consent import EVERY_PURPOSE, Consent, consent_state, in_force
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.folding import BOUNDS, GAP, RUNS_OF_ONE, SEVERAL, Bounds, fold, joined
from shared.domain.consent.forged_withdrawals import take_back
from shared.domain.consent.suppression import suppressed
from shared.stores.consent_items import consent_items, read_consent
from tests.support.cases import UNIT

pytestmark = UNIT

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOME, MAILBOX = "u.1", "e.1"
MINUTE = timedelta(minutes=1)


def withdrawal(number: int, at: datetime = NOW, **other: Any) -> Consent:
    said = {"channel": "email", "purpose": "marketing", "source": "web", **other}
    return Consent(
        granted=said.pop("granted", False), time=said.pop("time", at), received_at=at,
        may_grant=said.pop("may_grant", False), message_id=f"m{number}", public=True, **said,
    )  # fmt: skip


class Runs:
    """The runs of a partition, as a store would keep them."""

    def __init__(self, home: str = HOME, bounds: Bounds = BOUNDS) -> None:
        self.home, self.bounds = home, bounds
        self.held: dict[int, Consent] = {}

    def hear(self, said: Consent, *, own: bool = False) -> int | None:
        placed = fold(self.held, said, self.home, own=own, bounds=self.bounds)
        if placed is None:
            return None
        self.held[placed[0]] = placed[1]
        return placed[0]

    @property
    def counts(self) -> list[int]:
        return [one.run.count for _, one in sorted(self.held.items()) if one.run is not None]

    @property
    def said(self) -> list[Consent]:
        return list(self.held.values())


def test_a_run_keeps_when_it_began_and_ended_and_what_was_added_last() -> None:
    """Two functions may fold in another order than they heard."""
    runs = Runs()
    for number, minute in ((1, 5), (2, 0), (3, 9), (4, 7)):
        runs.hear(withdrawal(number, NOW + minute * MINUTE))
    (one,) = runs.said
    assert one.run is not None
    assert (one.message_id, one.run.count) == ("m4", 4)
    assert (one.run.first_received, one.run.last_received) == (NOW, NOW + 9 * MINUTE)
    assert one.effective_at == one.last_received == NOW + 9 * MINUTE


def test_a_run_counts_from_its_newest_statement_though_another_was_added_last() -> None:
    """A client's clock runs ahead; what it said is not forgotten with the next one."""
    runs = Runs()
    runs.hear(withdrawal(1, time=NOW + 60 * MINUTE))
    runs.hear(withdrawal(2, NOW + MINUTE))
    grant = withdrawal(3, NOW + 30 * MINUTE, granted=True, may_grant=True)
    assert not consent_state([*runs.said, grant], "email", "marketing", MAILBOX, NOW + timedelta(days=1)).granted


@pytest.mark.parametrize(
    ("after", "counts"), [(GAP, [2]), (GAP + timedelta(milliseconds=1), [1, 1])], ids=["an hour", "more than an hour"]
)
def test_an_hour_without_a_statement_ends_a_run(after: timedelta, counts: list[int]) -> None:
    """So what was said before an attack is in none of its runs."""
    runs = Runs()
    runs.hear(withdrawal(1))
    runs.hear(withdrawal(2, NOW + after))
    assert runs.counts == counts


def test_some_runs_of_the_same_words_are_kept_apart_then_the_last_goes_on() -> None:
    """Who sends one a day fills no more than these, and the older ones stay as they are."""
    runs = Runs()
    for day in range(RUNS_OF_ONE + 4):
        runs.hear(withdrawal(day, NOW + timedelta(days=day)))
    assert runs.counts == [*[1] * (RUNS_OF_ONE - 1), 5]
    assert [one.message_id for one in runs.said] == ["m0", "m1", f"m{RUNS_OF_ONE + 3}"]


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "sms"}, {"purpose": "news"}, {"source": "app"}, {"address_key": MAILBOX},
        {"granted": True, "may_grant": True},
    ],
    ids=lambda other: "+".join(other),
)  # fmt: skip
def test_other_words_are_another_run(other: dict[str, Any]) -> None:
    """Channel, purpose, source, address, and whether it grants."""
    runs = Runs()
    runs.hear(withdrawal(1))
    runs.hear(withdrawal(2, **other))
    assert runs.counts == [1, 1]


def test_grants_of_consumers_and_merchants_are_kept_apart() -> None:
    """IYS counts them by themselves."""
    runs = Runs()
    runs.hear(withdrawal(1, granted=True, may_grant=True))
    runs.hear(withdrawal(2, granted=True, may_grant=True, merchant=True))
    assert runs.counts == [1, 1]


def test_who_speaks_for_himself_is_not_in_the_run_of_others() -> None:
    """In the middle of a flood he withdraws too: what he said can be told from it, before and after."""
    runs = Runs()
    for number in range(9):
        runs.hear(withdrawal(number), own=number == 4)
    assert sorted((one.run.count, one.run.own) for one in runs.said if one.run) == [(1, True), (8, False)]


def test_a_run_that_was_taken_back_holds_again_with_the_next_statement() -> None:
    """An operator names what he saw. What the person says a moment later is folded into the same run, and holds."""
    runs = Runs()
    grant = structs.replace(withdrawal(0, NOW - MINUTE, granted=True, may_grant=True, source="store"), public=False)
    for number in range(1, 5):
        runs.hear(withdrawal(number, time=NOW + timedelta(hours=9)))
    (seen,) = runs.said
    forged = take_back(seen, "ops", "a script", "t-1", NOW + MINUTE)
    later = NOW + timedelta(days=1)
    assert consent_state([grant, *runs.said, forged], "email", "marketing", "", later).granted
    runs.hear(withdrawal(5, NOW + 2 * MINUTE))
    assert not consent_state([grant, *runs.said, forged], "email", "marketing", "", later).granted
    late = Runs()
    late.held = {0: seen}
    late.hear(withdrawal(6))  # it had reached us before he looked, and was folded after it
    assert not consent_state([grant, *late.said, forged], "email", "marketing", "", later).granted


def test_taking_a_statement_back_leaves_a_run_whose_last_it_is_elsewhere() -> None:
    """Under the customer it stands by itself, under the address it is the last of a run that holds what another
    customer really said before: that run stays until it is taken back itself."""
    grant = structs.replace(
        withdrawal(0, NOW - MINUTE, granted=True, may_grant=True, source="store", address_key=MAILBOX), public=False
    )
    forged = withdrawal(2, NOW + MINUTE, address_key=MAILBOX)
    address = Runs(MAILBOX)
    for said in (withdrawal(1, address_key=MAILBOX), forged):
        address.hear(said)
    taken = take_back(forged, "ops", "a script", "t-1", NOW + 2 * MINUTE)
    asked = ("email", "marketing", MAILBOX, NOW + timedelta(days=1))
    assert consent_state([grant, forged, taken], *asked).granted
    assert not consent_state([grant, forged, taken, *address.said], *asked).granted
    (run,) = address.said
    both = take_back(run, "ops", "a script", "t-2", NOW + 2 * MINUTE)
    assert consent_state([grant, forged, taken, run, both], *asked).granted
    items = [item for one in (taken, both) for item in consent_items(ConsentRecord((MAILBOX,), one), trusted=True)]
    assert len({item["sk"] for item in items}) == 2
    assert [read_consent(item) for item in items] == [taken, both]


def test_of_two_runs_with_the_same_last_statement_the_one_that_was_seen_is_taken_back() -> None:
    """Under the address it began earlier, or it has another statement in between."""
    last = withdrawal(9, NOW + 9 * MINUTE, address_key=MAILBOX)
    seen, earlier, longer = Runs(), Runs(MAILBOX), Runs(MAILBOX)
    for runs, minutes in ((seen, (1, 2)), (earlier, (0, 2)), (longer, (1, 2, 3))):
        for minute in minutes:
            runs.hear(withdrawal(minute, NOW + minute * MINUTE, address_key=MAILBOX))
        runs.hear(last)
    taken = take_back(seen.said[0], "ops", "a script", "t-1", NOW + 20 * MINUTE)
    assert in_force([*seen.said, taken]) == []
    assert in_force([*earlier.said, taken]) == earlier.said
    assert in_force([*longer.said, taken]) == longer.said


FLOOD = [
    withdrawal(number, channel=channel, purpose=f"p{number}", address_key=f"e.{number}", source=f"s{number % 9}")
    for channel in ("email", "sms", "push")
    for number in range(200)
] + [
    withdrawal(1_000 + number, channel=channel, purpose=EVERY_PURPOSE, source=f"s{number}")
    for channel in ("email", "sms", "push")
    for number in range(20)
]


def test_beyond_all_room_nothing_is_lost_and_nothing_grows() -> None:
    """Invented purposes, addresses and channels, by twenty sources, some of everything: each of them still holds."""
    runs = Runs()
    for said in FLOOD:
        assert runs.hear(said) is not None
    assert len(runs.held) + BOUNDS.places + BOUNDS.powerless <= BOUNDS.most == 78
    assert sum(runs.counts) == len(FLOOD)
    for said in FLOOD:
        grant = structs.replace(
            said, granted=True, may_grant=True, source="store", time=NOW - MINUTE, received_at=NOW - MINUTE
        )
        asked = (said.channel, said.purpose, said.address_key)
        assert consent_state([grant], *asked, NOW).granted
        assert not consent_state([grant, *runs.said], *asked, NOW).granted
    assert any(one.source == SEVERAL for one in runs.said)


def test_who_withdraws_by_himself_has_room_in_a_flood() -> None:
    """His words are kept as he said them."""
    runs = Runs()
    for said in FLOOD:
        runs.hear(said)
    place = runs.hear(withdrawal(1, address_key=MAILBOX), own=True)
    assert place is not None
    kept = runs.held[place]
    assert (kept.purpose, kept.address_key, kept.source) == ("marketing", MAILBOX, "web")
    assert kept.run is not None
    assert not kept.run.widened


def test_what_is_kept_as_more_than_was_said_stops_no_order_notice() -> None:
    """Nobody refused every message: only somebody who says so does, also in a flood."""
    runs = Runs(MAILBOX)
    for number in range(400):
        runs.hear(withdrawal(number, purpose=f"p{number}", address_key=MAILBOX))
    assert any(one.purpose == EVERY_PURPOSE and one.run and one.run.widened for one in runs.said)
    assert suppressed(runs.said, "email", MAILBOX, NOW) is None
    assert not consent_state(runs.said, "email", "another", MAILBOX, NOW).granted
    assert consent_state(runs.said, "email", "another", MAILBOX, NOW).proof is not None
    runs.hear(withdrawal(401, purpose=EVERY_PURPOSE, address_key=MAILBOX))
    assert suppressed(runs.said, "email", MAILBOX, NOW) is not None


def test_a_refusal_of_everything_at_one_address_stops_no_order_notice_at_another() -> None:
    """Under a customer who has no room left its address is left out; it still stops nothing but what needs consent."""
    runs = Runs()
    for number in range(400):
        runs.hear(withdrawal(number, purpose=EVERY_PURPOSE if number % 2 else f"p{number}", address_key=f"e.x{number}"))
    assert any(one.purpose == EVERY_PURPOSE and not one.address_key for one in runs.said)
    assert suppressed(runs.said, "email", MAILBOX, NOW) is None
    assert not consent_state(runs.said, "email", "marketing", MAILBOX, NOW).granted


def test_own_words_beyond_their_room_are_in_no_run_of_others() -> None:
    """Also where both are kept as of every address: taking the others back leaves his."""
    runs = Runs()
    for number in range(60):
        runs.hear(withdrawal(number, address_key=f"e.x{number}"))
        runs.hear(withdrawal(100 + number, address_key=f"e.x{number}"), own=True)
    wide = [one.run for one in runs.said if one.run is not None and one.run.widened]
    assert sorted((run.own, run.count) for run in wide) == [(False, 60 - BOUNDS.others), (True, 60 - BOUNDS.own)]


def test_the_last_room_is_for_the_words_of_everybody() -> None:
    """Whoever speaks first there, the next one is not turned away."""
    full = Bounds(own=0, others=0, without_address=0, of_every_purpose=0)
    for first in (True, False):
        runs = Runs(bounds=full)
        for number, own in enumerate((first, not first, first)):
            assert runs.hear(withdrawal(number), own=own) is not None
        assert [(one.run.count, one.run.own) for one in runs.said if one.run is not None] == [(3, False)]


def test_the_last_room_keeps_the_address_whose_it_is() -> None:
    """What is read of a customer holds the partitions of all his addresses: a refusal of everything at one of them is
    none at another. Each kind of word has a run of its own, and no grant takes its place."""
    runs = Runs(MAILBOX, Bounds(own=0, others=0, without_address=0, of_every_purpose=0))
    for number in range(BOUNDS.grants):
        runs.hear(withdrawal(number, purpose=f"p{number}", granted=True, may_grant=True))
    for channel in ("email", "sms", "push"):
        for number, (purpose, address) in enumerate(
            (purpose, address) for purpose in ("marketing", EVERY_PURPOSE) for address in ("", MAILBOX, "e.other")
        ):
            assert runs.hear(withdrawal(number, channel=channel, purpose=purpose, address_key=address)) is not None
    refusals = [one for one in runs.said if not one.granted]
    kept = sorted((one.channel, one.address_key, one.run.widened, one.run.count) for one in refusals if one.run)
    assert kept == [
        (channel, *words)
        for channel in ("email", "push", "sms")
        for words in (("", False, 1), ("", True, 3), (MAILBOX, False, 1), (MAILBOX, True, 1))
    ]
    assert len(runs.held) == BOUNDS.grants + 12


def test_under_an_address_its_own_is_never_left_out() -> None:
    """Its partition is read for it, whoever's it is."""
    runs = Runs(MAILBOX)
    for number in range(40):
        runs.hear(withdrawal(number, purpose=f"p{number}", address_key=MAILBOX))
    assert {one.address_key for one in runs.said} == {MAILBOX}


def test_grants_beyond_the_room_are_not_kept_and_never_widened() -> None:
    """What is granted for one purpose or address must not count for another."""
    runs = Runs()
    heard = [
        runs.hear(withdrawal(number, purpose=f"p{number}", granted=True, may_grant=True))
        for number in range(BOUNDS.grants + 3)
    ]
    assert heard[-3:] == [None, None, None]
    assert runs.hear(withdrawal(99, purpose="p0", granted=True, may_grant=True)) == heard[0]
    assert {one.purpose for one in runs.said} == {f"p{number}" for number in range(BOUNDS.grants)}


def test_statements_are_no_runs() -> None:
    """Whoever joins what was never folded made a mistake."""
    with pytest.raises(ValueError, match="no run"):
        joined(withdrawal(1), withdrawal(2))
