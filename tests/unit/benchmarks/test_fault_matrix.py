"""Faults of single calls beside the senders: the kept cells are what the code does, and none of them is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fault_matrix.matrix import LATER, SAME, SCENARIOS, cell, play, read_results, rows, said_of, undisturbed
from benchmarks.fault_matrix.world import KINDS, Ended
from benchmarks.faults import Fault
from tests.support.cases import LONG, UNIT, cases

pytestmark = UNIT
RESULTS = read_results()


def test_every_function_and_every_call_is_kept() -> None:
    """An undisturbed run makes the calls of the page; what was tried is never wrong."""
    assert list(RESULTS) == list(SCENARIOS)
    for name, found in RESULTS.items():
        assert [call for call, _ in found] == list(undisturbed(name).calls), f"{name}: run make reliability"
        assert {one for _, by_kind in found for one in by_kind.values()} <= {SAME, LATER}, name
        assert all(list(by_kind) == list(KINDS) for _, by_kind in found), name


@cases(40, 400)
@given(st.data())
def test_a_cell_is_what_the_code_does(data: st.DataObject) -> None:
    """Any call of any function, by any fault; `make test-long` tries them all."""
    name = data.draw(st.sampled_from(sorted(SCENARIOS)))
    number = data.draw(st.integers(1, len(RESULTS[name])))
    kind = data.draw(st.sampled_from(KINDS))
    assert RESULTS[name][number - 1][1][kind] == cell(name, Fault(number, kind)), "run make reliability"


@cases(30, 600)
@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    faults=st.lists(st.builds(Fault, st.integers(1, 20), st.sampled_from(KINDS)), max_size=3),
)
def test_the_end_is_the_same_after_several_faults(name: str, faults: list[Fault]) -> None:
    """Up to three, anywhere, in one delivery or in several."""
    assert said_of(undisturbed(name).state, play(name, *faults)) in {SAME, LATER}


@pytest.mark.skipif(not LONG, reason="tries every call with every fault")
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_all_cells_are_what_the_code_does(name: str) -> None:
    assert RESULTS[name] == list(rows(name))


def test_a_wrong_end_is_told() -> None:
    """A row that is missing in the end, and work that never ends."""
    wanted = undisturbed("sale")
    lost = Ended({**wanted.state, "stock": {}}, 1, wanted.calls, met=True)
    assert said_of(wanted.state, lost) == "WRONG: stock"
    assert said_of(wanted.state, Ended(wanted.state, 0, wanted.calls, met=True)) == "WRONG: it came to no end"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("take events", "customers.put_many"), ("withdraw", "metrics.put_many"),
        ("fold consents", "customers.transact"), ("take back", "catalog.put"), ("take back", "iys.get_many"),
        ("fold", "customers.transact"), ("fold", "interests.put_many"),
        ("fold", "customers.put absorbed"), ("flip", "timers.delete"), ("begin a journey", "timers.put"),
        ("fire", "queue push.send_many"), ("fire a batch", "timers.put_many"), ("hand on", "lake.hand_on"),
        ("receive", "queue email.send_many"), ("agent answers", "queue email.send_many"), ("sale", "stock.transact"),
        ("return", "customers.put_many"), ("expiry", "stock.transact"),
    ],
)  # fmt: skip
def test_each_scenario_takes_its_part(name: str, call: str) -> None:
    """Two identifiers become one person, a membership ends, a message is handed over, and so on."""
    assert call in undisturbed(name).calls
