"""``python -m benchmarks.reliability``: every call of the functions with every fault, of the send path also in pairs.

Writes ``docs/reliability.md``. ``--all`` tries all pairs and the functions beside the senders anew, which takes
minutes, tells how far it is, and keeps what came of it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from unittest.mock import patch

from benchmarks.deployment import NOW, Clock
from benchmarks.fault_matrix import matrix
from benchmarks.faults import ACCOUNT, FAULTS, PROVIDER, Fault, FaultyProvider, FaultyQueue, FaultyTable, Fuse, Killed
from benchmarks.mailing_list import TABLES, MailingList
from benchmarks.reliability_scenarios import CODES, SCENARIOS, codes_of, stored
from benchmarks.trials import page as trials
from benchmarks.trials.results import read as trials_of_last_run
from functions.notify import on_queue
from functions.notify.environment import Environment
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import read_release
from shared.domain.messages.message import Record, State
from shared.domain.messages.request import Channel
from shared.domain.messages.sending_quota import SendingQuota
from shared.stores.ledger import Ledger

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
PAIRS = Path(__file__).resolve().parent / "reliability_pairs.json"
"""Counts of the last run of all pairs."""
APART = timedelta(minutes=10)
"""Between two deliveries of the message by the queue or a timer."""
DELIVERIES = 12
RENDER = LiquidRenderer()
"""Kept: to parse the templates anew for each delivery would take most of the time. It holds nothing of a message."""
LAST_WORDS = {"messages.put calling", PROVIDER, "messages.put sent"}
"""Calls between which nobody can know whether the message went out."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a message ended: what the ledger says, how often the provider took it, which faults were met."""

    record: Record
    taken: int
    hit: tuple[tuple[str, str], ...]
    calls: tuple[str, ...]
    follows: bool
    """The next channel's queue has the message, or its timer is armed."""
    settled: Record
    """The same after the provider has reported what it took."""
    free: frozenset[str]
    """Codes of coupons that anybody may get."""
    given: frozenset[str]
    """Codes that belong to somebody."""

    @property
    def injected(self) -> bool:
        """Whether a fault was met after which nobody can know whether it went out."""
        return any(call in LAST_WORDS for call, _ in self.hit)


@cache
def _nobody() -> MailingList:
    return MailingList(0)


class Play:
    """One message, delivered again and again until it has an outcome."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self._scenario = SCENARIOS[name]
        items, self._request = stored(name)
        self._memory = {table: MemoryTable(indexes=INDEXES[table]) for table in TABLES}
        for table, held in self._memory.items():
            held.put_many(items[table])
        self._armed = len(self._memory["timers"].items())
        self._fuse = Fuse(list(faults))
        self._provider = FaultyProvider(self._fuse, self._scenario.answer)
        self._queues: dict[Channel, FaultyQueue] = {
            "email": FaultyQueue("email", self._fuse),
            "sms": FaultyQueue("sms", self._fuse),
            "push": FaultyQueue("push", self._fuse),
        }

    def run(self) -> Played:
        """Raises AssertionError if the message comes to no end."""
        now = NOW + timedelta(hours=self._scenario.hour)
        for _ in range(DELIVERIES):
            done = self._deliver(now)
            record = self._ledger.get(self._request.message_id)
            now += APART
            if not done or record is None:
                continue
            if record.state is State.DEFERRED and self._scenario.ends is not State.DEFERRED:
                assert self._timers > self._armed, "a deferred message without a timer"
                continue
            if record.final or record.state is State.DEFERRED:
                return self._played(record, now)
        raise AssertionError("the message came to no end")

    def _deliver(self, now: datetime) -> bool:
        tables = {name: FaultyTable(name, held, self._fuse) for name, held in self._memory.items()}
        worker: Environment = _nobody().worker(
            self._scenario.channel,
            tables,
            self._provider,
            self._queues,
            self._ask if self._scenario.quota else None,
            render=RENDER,
            elapsed=count(step=60).__next__,  # each attempt reads the products: one more call that can fail
        )
        clock = worker.clock
        assert isinstance(clock, Clock)
        clock.time = now
        records = [{"messageId": "1", "body": self._request.model_dump_json(exclude_none=True)}]
        try:
            return not on_queue.work({"Records": records}, lambda: worker)["batchItemFailures"]
        except Killed:
            return False

    def _ask(self, now: datetime) -> SendingQuota:
        answer: SendingQuota = self._fuse.around(ACCOUNT, lambda: SendingQuota(now, 200, 1, 100))
        return answer

    def _played(self, record: Record, now: datetime) -> Played:
        settled = record
        for message in self._provider.taken:
            settled = self._ledger.settle_by_feedback(message, now) or settled
        follows = bool(self._queues["email"].bodies) or self._timers > self._armed
        free, given = codes_of(self._memory["messages"].items())
        return Played(
            record,
            len(self._provider.taken),
            tuple(self._fuse.hit),
            tuple(self._fuse.calls),
            follows,
            settled,
            free,
            given,
        )

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self._memory["messages"])

    @property
    def _timers(self) -> int:
        return len(self._memory["timers"].items())


def play(name: str, *faults: Fault) -> Played:
    return Play(name, faults).run()


def problems(name: str, played: Played) -> list[str]:
    """What is wrong with how a message ended; nothing, if the rules hold."""
    scenario, state = SCENARIOS[name], played.record.state
    most = 1 if scenario.purpose == "marketing" else 3
    found = []
    if played.taken > most:
        found.append(f"taken {played.taken} times")
    if state not in {scenario.ends, State.UNKNOWN}:
        found.append(f"ends as {state}")
    if state is State.UNKNOWN and not played.injected:
        found.append("of unknown fate, though every fault was definite")
    if state is State.SENT and not played.taken:
        found.append("called sent, and was not")
    if played.taken and played.settled.state is not State.SENT:
        found.append("a report did not settle it")
    if scenario.ends is not State.SENT and not played.follows:
        found.append("nothing follows")
    if scenario.coupon and (played.given != {played.record.coupon} or played.free | played.given != set(CODES)):
        found.append(f"{len(played.given)} codes are given and {len(played.free)} are free")
    return found


def singles(name: str) -> Iterator[tuple[str, dict[str, Played]]]:
    """Each call of an undisturbed attempt, with what becomes of the message by each fault."""
    calls = play(name).calls
    for number, call in enumerate(calls, 1):
        yield call, {kind: play(name, Fault(number, kind)) for kind in FAULTS}


def pairs(name: str) -> Counter[str]:
    """Counts of all pairs of faults: the second is met by any call after the first."""
    counts: Counter[str] = Counter()
    first = len(play(name).calls)
    for number in range(1, first + 1):
        for kind in FAULTS:
            second, met = 1, True
            while met:
                for other in FAULTS:
                    played = play(name, Fault(number, kind), Fault(second, other))
                    met = len(played.hit) == 2
                    if not met:
                        break
                    counts["pairs"] += 1
                    counts[played.record.state.value] += 1
                    counts["taken more than once"] += played.taken > 1
                    counts["wrong"] += bool(problems(name, played))
                second += 1
    return counts


def document(counted: Mapping[str, Mapping[str, int]]) -> str:
    """The page, with the counts of all pairs as they were last tried."""
    lines = [*_TITLE, *trials.section(trials_of_last_run()), *_HEAD, *matrix.section(matrix.read_results()), *_SENDING]
    lines += [*(line for name in SCENARIOS for line in _section(name)), *_pairs_table(counted)]
    return "\n".join(lines) + "\n"


def _section(name: str) -> Iterator[str]:
    scenario = SCENARIOS[name]
    yield f"### {scenario.title}"
    yield f"Undisturbed it ends as `{scenario.ends.value}`."
    yield ""
    yield "| call | " + " | ".join(FAULTS) + " |"
    yield "|---|" + "---|" * len(FAULTS)
    for number, (call, by_kind) in enumerate(singles(name), 1):
        yield f"| {number}. `{call}` | " + " | ".join(_cell(name, by_kind[kind]) for kind in FAULTS) + " |"
    yield ""


def _cell(name: str, played: Played) -> str:
    wrong = problems(name, played)
    said = played.record.state.value
    if played.settled.state is not played.record.state:
        said += f", then {played.settled.state.value}"
    if played.taken > 1:
        said += f" ({played.taken} times)"
    return f"**{'; '.join(wrong)}**" if wrong else said


def _pairs_table(counted: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    columns = ("pairs", "sent", "unknown", "skipped", "deferred", "taken more than once", "wrong")
    yield "## Two faults of a sender"
    yield "The second fault is met by any call after the first, in the same delivery or a later one."
    yield ""
    yield "| message | " + " | ".join(columns) + " |"
    yield "|---|" + "---|" * len(columns)
    for name, scenario in SCENARIOS.items():
        yield f"| {scenario.title} | " + " | ".join(str(counted.get(name, {}).get(one, 0)) for one in columns) + " |"


_TITLE = (
    "# Reliability",
    "",
    "Made by `make reliability` and `make faults`; a test compares this page with the code.",
    "",
)

_HEAD = (
    "## Faults of single calls",
    "| fault | the call | what the caller hears |",
    "|---|---|---|",
    "| fails before | is not made | an error |",
    "| fails after | is made | an error |",
    "| times out | is made | nothing |",
    "| throttles | is refused | that it is too much for now |",
    "| killed | is made | the process is dead |",
    "",
)

_SENDING = (
    "## The senders",
    "Every call that the sender of a channel makes to AWS or to a provider meets every fault. Then the queue or the",
    "timer delivers the message again, ten minutes later, until it has an outcome. What holds for each fault, and for",
    "each pair:",
    "",
    "- A commercial message is taken by the provider at most once. A transactional one may be called up to three",
    "  times, because a confirmation that comes twice is better than none.",
    "- Every message ends in an outcome. What is skipped goes to the next channel, what is deferred has a timer.",
    "- A fate is unknown only if a fault fell between the last word before the call (`CALLING`) and the record of the",
    "  answer.",
    "- What the provider reports later settles it: `unknown, then sent`.",
    "- A code of a coupon belongs to one message or is free: none is given twice, and none is lost.",
    "",
    "## One fault of a sender",
)


def write() -> None:
    """Write the page with what was kept of the last runs."""
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    logging.disable(logging.CRITICAL)
    DOCUMENT.write_text(document(json.loads(PAIRS.read_text("utf-8"))), "utf-8")


def _try_all() -> None:
    """Tells how far it is."""
    matrix.main()
    counted = {}
    for number, name in enumerate(SCENARIOS, 1):
        counted[name] = dict(sorted(pairs(name).items()))
        print(f"kervan: pairs {number} of {len(SCENARIOS)}: {name}, {counted[name]['pairs']:,} tried", flush=True)
    PAIRS.write_text(json.dumps(counted, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__)
    parser.add_argument("--all", action="store_true", help="try all pairs and functions anew, which takes minutes")
    chosen = parser.parse_args()
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    logging.disable(logging.CRITICAL)
    if chosen.all:
        with patch("shared.stores.releases.read_release", lru_cache(maxsize=32)(read_release)):
            _try_all()  # to parse the same release for each delivery would take a third of the time
    write()
    print("kervan: docs/reliability.md says what each fault does to a message")


if __name__ == "__main__":
    main()
