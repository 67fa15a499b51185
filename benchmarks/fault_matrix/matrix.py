"""Each call of each scenario with each fault: what is left of it in the end, and how often the work had to come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fault_matrix import consents, events, journeys, stock, support
from benchmarks.fault_matrix.world import KINDS, Ended, Items, World
from benchmarks.faults import Fault

RESULTS = Path(__file__).resolve().parent / "results.json"
"""Cells of the last run of everything."""
SCENARIOS: Mapping[str, tuple[type[World], Callable[[], Items]]] = {
    "take events": (events.TakeEvents, events.with_sources),
    "withdraw": (consents.Withdraw, consents.agreed),
    "fold consents": (consents.FoldConsents, consents.full),
    "take back": (consents.TakeBack, consents.attacked),
    "fold": (events.FoldEvents, events.taken),
    "flip": (events.Flip, events.folded),
    "begin a journey": (journeys.BeginJourney, events.folded),
    "fire": (journeys.FireTimer, journeys.begun),
    "fire a batch": (journeys.FireBatch, journeys.begun),
    "hand on": (journeys.HandOn, journeys.sent),
    "receive": (support.Receive, support.empty),
    "agent answers": (support.AgentAnswers, support.received),
    "agent chats": (support.AgentChats, support.chatted),
    "answer failed": (support.AnswerFailed, support.answered),
    "support's tick": (support.Tick, support.answered),
    "sale": (stock.Sale, stock.stocked),
    "reservation": (stock.Reservation, stock.stocked),
    "return": (stock.Return, stock.stocked),
    "pick-up": (stock.Pickup, stock.stocked),
    "expiry": (stock.Expiry, stock.promised),
}
SAME, LATER, WRONG = "same", "same, next time", "WRONG"
Rows = list[tuple[str, dict[str, str]]]


def play(name: str, *faults: Fault) -> Ended:
    kind, items = SCENARIOS[name]
    return kind(items(), faults).run()


@cache
def undisturbed(name: str) -> Ended:
    return play(name)


def cell(name: str, fault: Fault) -> str:
    """What the page says of one fault."""
    return said_of(undisturbed(name).state, play(name, fault))


def said_of(wanted: Mapping[str, Any], ended: Ended) -> str:
    if not ended.deliveries:
        return f"{WRONG}: it came to no end"
    different = [name for name, held in wanted.items() if ended.state.get(name) != held]
    if different:
        return f"{WRONG}: {', '.join(different)}"
    return SAME if ended.deliveries == 1 else LATER


def rows(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each call of the undisturbed run, with what becomes of the work by each fault."""
    for number, call in enumerate(undisturbed(name).calls, 1):
        yield call, {kind: cell(name, Fault(number, kind)) for kind in KINDS}


def try_all() -> dict[str, Rows]:
    """Tells how far it is."""
    found: dict[str, Rows] = {}
    for number, name in enumerate(SCENARIOS, 1):
        found[name] = list(rows(name))
        print(f"kervan: scenario {number} of {len(SCENARIOS)}: {name}, {len(found[name])} calls", flush=True)
    return found


def read_results() -> dict[str, Rows]:
    return {name: [(call, by_kind) for call, by_kind in held] for name, held in json.loads(RESULTS.read_text()).items()}


def section(results: Mapping[str, Rows]) -> Iterator[str]:
    """The part of the page about these functions."""
    yield from _HEAD
    yield "| function | what it does | comes again by | calls | faults | same at once | same, next time | wrong |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, found in results.items():
        kind, _ = SCENARIOS[name]
        told = [one for _, by_kind in found for one in by_kind.values()]
        counts = [str(sum(one == what for one in told)) for what in (SAME, LATER)]
        wrong = sum(one.startswith(WRONG) for one in told)
        yield (
            f"| `{kind.function}` | {kind.title} | {kind.again} | {len(found)} | {len(told)} | "
            + " | ".join([*counts, str(wrong)])
            + " |"
        )
    yield ""
    yield "The calls that were met, in their order:"
    yield ""
    for name, found in results.items():
        kind, _ = SCENARIOS[name]
        yield f"- {kind.title}: " + ", ".join(f"`{call}`" for call in _counted([call for call, _ in found])) + "."
    yield ""


def _counted(calls: list[str]) -> Iterator[str]:
    """Neighbours that are equal are told once, with their number."""
    place = 0
    while place < len(calls):
        end = place
        while end < len(calls) and calls[end] == calls[place]:
            end += 1
        yield calls[place] + (f" x {end - place}" if end - place > 1 else "")
        place = end


_HEAD = (
    "## The other functions",
    "Every call that these functions make to AWS meets every fault of the table above, and one more: `half made`, by",
    "which the first half of a batch of items is written. Then the work comes again, by what brings it in AWS. In the",
    "end everything that is stored, queued and handed on is compared with the run without a fault: it must be the",
    "same, also after the timers of the time after it. `same at once`: the function went on in spite of the fault.",
    "What is counted for the console (`metrics`, answers by themselves) may count twice and is left out.",
    "",
)


def main() -> None:
    """Try everything, and keep the cells."""
    RESULTS.write_text(json.dumps(try_all(), indent=1, ensure_ascii=False) + "\n", "utf-8")
