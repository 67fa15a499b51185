"""Faults of single calls: `docs/reliability.md` says what the code does, and the rules hold for pairs as well."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import reliability
from benchmarks.faults import FAULTS, Fault
from benchmarks.reliability import DOCUMENT, PAIRS, document, pairs, play, problems
from benchmarks.reliability_scenarios import CODES, SCENARIOS
from functions.notify.service import TryAgain
from shared.domain.messages.message import State
from tests.support.cases import LONG, UNIT, cases
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = UNIT


def test_the_document_is_what_the_command_writes() -> None:
    """Each call and each fault; nothing is wrong in it."""
    counted = json.loads(PAIRS.read_text("utf-8"))
    written = document(counted)
    assert DOCUMENT.read_text("utf-8") == written, "run make reliability"
    assert "**" not in written
    assert set(counted) == set(SCENARIOS)
    assert {one["wrong"] for one in counted.values()} == {0}
    assert min(one["pairs"] for one in counted.values()) > 1_000
    assert {name for name, one in counted.items() if one["taken more than once"]} == {"transactional"}


@cases(20)
@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    faults=st.lists(st.builds(Fault, st.integers(1, 20), st.sampled_from(FAULTS)), max_size=4),
)
def test_the_rules_hold_for_several_faults(name: str, faults: list[Fault]) -> None:
    """Up to four, anywhere."""
    assert problems(name, play(name, *faults)) == []


@pytest.mark.skipif(not LONG, reason="tries all pairs")
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_counts_of_all_pairs_are_those_of_the_document(name: str) -> None:
    """As the command counts them."""
    assert json.loads(PAIRS.read_text("utf-8"))[name] == dict(pairs(name))


def test_a_wrong_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page would show a message that goes out twice, and one of unknown fate without a reason for it."""
    record_of_answer = play("commercial").calls.index("messages.put sent") + 1
    unknown = play("commercial", Fault(record_of_answer, "fails before"))
    assert unknown.record.state is State.UNKNOWN
    monkeypatch.setattr(reliability, "LAST_WORDS", frozenset())
    assert problems("commercial", unknown) == ["of unknown fate, though every fault was definite"]
    assert "ends as sent" in problems("deferred", play("commercial"))
    coupon = play("coupon")
    given, lost = replace(coupon, given=frozenset(CODES[:2])), replace(coupon, free=coupon.free - {CODES[1]})
    assert problems("coupon", coupon) == []
    assert problems("coupon", given) == ["2 codes are given and 199 are free"]
    assert problems("coupon", lost) == ["1 codes are given and 198 are free"]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("coupon", "catalog.add"), ("coupon", "messages.delete"), ("campaign", "messages.put claimed"),
        ("link", "messages.put_many"), ("quota", "provider.get_account"), ("deferred", "timers.put"),
        ("next channel", "queue email.send_many"), ("commercial", "products.get_many"),
    ],
)  # fmt: skip
def test_each_message_takes_its_part_of_the_path(name: str, call: str) -> None:
    """A day of a warm-up, a code, the claim of a campaign, a short link, SES's quota, a timer, the next queue."""
    assert call in play(name).calls


def test_a_phone_that_is_gone_is_remembered_after_the_call() -> None:
    calls = play("phones").calls
    assert "customers.put" in calls[calls.index("messages.put sent") :]


def test_sixty_four_workers_with_one_message_call_once() -> None:
    """The queue may deliver as often as it likes, all at once."""
    shop = Shopping()
    shop.ayse()
    start, ended = threading.Barrier(64), list[State]()

    def worker() -> None:
        service = shop.notifying()
        start.wait()
        for _ in range(200):
            try:
                ended.append(service.handle(request("email"), MORNING).state)
            except TryAgain:
                continue
            return

    threads = [threading.Thread(target=worker) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(shop.sender.sent) == 1
    assert set(ended) == {State.SENT}
    assert len(ended) >= 1
