"""What `make test` runs beside each other: nothing that fails is missed, and nothing is left running."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.run_tiers import Command, Plan, run

pytestmark = pytest.mark.unit


def shell(script: str) -> Command:
    return ("sh", "-c", script)


PASSED = Plan(
    first=(shell("echo ruff"),),
    lint=(shell("echo imports"), shell("echo types")),
    waiting=shell("echo stack >&2"),
    rest=shell("echo rest"),
)


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capfd.readouterr().out.splitlines() if not line.startswith("kervan:")]


def test_all_of_it_is_run_and_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """Linters and stack after the rest, however early they ended."""
    assert run(replace(PASSED, rest=shell("sleep 0.2; echo rest"))) == 0
    assert lines(capfd) == ["ruff", "rest", "imports", "types", "stack"]


def test_what_the_stack_says_last_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """Also what it says after the rest has ended."""
    assert run(replace(PASSED, waiting=shell("sleep 0.3; echo last"))) == 0
    assert lines(capfd)[-1] == "last"


@pytest.mark.parametrize("part", ["waiting", "rest"])
def test_a_failure_of_one_tier_is_a_failure_and_the_other_goes_on(part: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whichever it is, both are shown."""
    assert run(replace(PASSED, **{part: shell("echo red; exit 5")})) == 1
    said = lines(capfd)
    assert "red" in said
    assert ("rest" if part == "waiting" else "stack") in said


def test_a_quick_linter_that_fails_is_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing begins after it."""
    assert run(replace(PASSED, first=(shell("echo found; exit 1"), shell("echo second")))) == 1
    assert lines(capfd) == ["found"]


def test_a_slow_linter_that_fails_ends_the_tests(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As Ctrl-C would, so that they clean up; the stack never begins. Also where a shell in the background started all
    of it, so that SIGINT is ignored."""
    marks = tmp_path / "cleaned"
    rest = ("sh", "-c", f"trap 'touch {marks}; exit 2' INT; for _ in $(seq 400); do sleep 0.1; done")
    begun = time.monotonic()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(replace(PASSED, lint=(shell("sleep 0.2; echo mistake; exit 1"),), rest=rest)) == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begun < 30
    assert lines(capfd) == ["ruff", "mistake"]
    assert marks.exists()


def test_the_two_commands_of_tests_leave_no_folder_out() -> None:
    """What one of them ignores, the other runs."""
    plan = Plan()
    ignored = [one.removeprefix("--ignore=") for one in plan.rest if one.startswith("--ignore=")]
    assert ignored == [one for one in plan.waiting if one.startswith("tests")]
    assert "tests" in plan.rest
