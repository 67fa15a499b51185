"""A pytest plugin that tries mutants in one session: the tests are imported and collected once, and each mutant is a
fork of that process.

mutmut starts pytest anew for each mutant, and runs all tests twice before the first one. Here a test runs once without
a change, in a fork of its own session, so that nothing that it keeps hides a change later.

``KERVAN_MUTANTS`` names a folder: ``plan.json`` says what is tried, ``results`` gets a line of JSON for each mutant:
its name, the digest of the function, the exit code, the seconds of processor time.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutmut.mutation import trampoline

KILLED, SURVIVED, NO_TESTS, BROKEN = 1, 0, 33, 3
"""Exit codes of mutmut; pytest's own for an error inside of it."""
LIMIT = 6
"""Processor time of a test: so often what it takes without a change, and ``spare`` seconds more."""
WALL = 1800
"""Seconds after which a mutant is ended that waits for something."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Runs new tests without a change, then those of each mutant with it."""
    folder = Path(os.environ["KERVAN_MUTANTS"])
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    given(st.integers())(settings(max_examples=1, database=None)(lambda _: None))()  # imports what the first test would
    items = {item.nodeid: item for item in session.items}
    tests = _known_tests(session, items, folder / "tests.json")
    numbers = {nodeid: number for number, nodeid in enumerate(items)}
    kills = mmap.mmap(-1, len(items))  # shared with the forks
    left: list[tuple[str, str]] = plan["mutants"]
    running: dict[int, tuple[str, str]] = {}
    with (folder / "results").open("a", encoding="utf-8") as results:
        while left or running:
            while left and len(running) < plan["at_once"]:
                mutant, digest = left.pop(0)
                function = mutant.rpartition("__mutmut_")[0]
                calling = [nodeid for nodeid, told in tests.items() if function in told["calls"]]
                calling.sort(key=lambda nodeid: float(tests[nodeid]["seconds"] / (1 + kills[numbers[nodeid]])))
                limits = [(items[nodeid], LIMIT * tests[nodeid]["seconds"] + plan["spare"]) for nodeid in calling]
                work = partial(_run, session, limits, kills, numbers)
                running[_fork(work, mutant)] = (mutant, digest)
            child, status, used = os.wait4(-1, 0)
            code, seconds = os.waitstatus_to_exitcode(status), round(used.ru_utime + used.ru_stime, 2)
            results.write(json.dumps([*running.pop(child), code, seconds]) + "\n")
            results.flush()
    return True


def _known_tests(session: pytest.Session, items: Mapping[str, pytest.Item], known: Path) -> dict[str, Any]:
    """For each test its processor time and the mutated functions that it calls; runs those whose file is new."""
    tests: dict[str, Any] = json.loads(known.read_text("utf-8")) if known.exists() else {}
    tests = {
        nodeid: told
        for nodeid, told in tests.items()
        if nodeid in items and told["file"] == _digest(items[nodeid].path)
    }
    new = [item for nodeid, item in items.items() if nodeid not in tests]
    if new:
        fresh = known.with_name("fresh.json")
        fresh.unlink(missing_ok=True)
        os.waitpid(_fork(partial(_look, session, new, fresh), ""), 0)
        found = json.loads(fresh.read_text("utf-8"))
        if "failed" in found:
            raise pytest.UsageError(f"fails without a change: {found['failed']}")
        tests |= found
        known.write_text(json.dumps(tests), "utf-8")
    return tests


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


def _fork(work: Callable[[], int], mutant: str) -> int:
    child = os.fork()
    if child == 0:
        _in_child(work, mutant)
    return child


def _in_child(work: Callable[[], int], mutant: str) -> NoReturn:
    code = BROKEN
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        signal.alarm(WALL)
        trampoline.set_mutant_under_test(mutant)
        if mutant:
            trampoline.get_mutant_under_test = lambda: mutant
        code = work()
    finally:
        os._exit(code)


def _run(
    session: pytest.Session, tests: Sequence[tuple[pytest.Item, float]], kills: mmap.mmap, numbers: Mapping[str, int]
) -> int:
    """One after the other until one fails: the quick ones first, and those that noticed other mutants."""
    following = [item for item, _ in tests[1:]]
    for (item, limit), after in zip_longest(tests, following):
        place = numbers[item.nodeid]
        signal.setitimer(signal.ITIMER_PROF, limit)  # its signal ends the process
        kills[place] = min(kills[place] + 1, 255)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            return KILLED
        kills[place] = max(kills[place] - 1, 0)
    return SURVIVED if tests else NO_TESTS


def _look(session: pytest.Session, items: Sequence[pytest.Item], into: Path) -> int:
    """Which mutated functions each test calls, and how long it takes; or which test fails."""
    calls: set[str] = set()
    vars(trampoline)["record_trampoline_hit"] = lambda name, **_: calls.add(name)
    trampoline.get_mutant_under_test = lambda: "stats"
    found = {}
    for number, item in enumerate(items):
        calls.clear()
        began = time.process_time()
        following = items[number + 1] if number + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            into.write_text(json.dumps({"failed": item.nodeid}), "utf-8")
            return KILLED
        seconds = round(time.process_time() - began, 3)
        found[item.nodeid] = {"file": _digest(item.path), "seconds": seconds, "calls": sorted(calls)}
    into.write_text(json.dumps(found), "utf-8")
    return SURVIVED
