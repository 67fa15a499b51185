"""The part of ``docs/reliability.md`` about the local stack under faults, and what recovers by itself in AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]
RECOVERY = Path(__file__).resolve().parent / "recovery.md"
"""Written by hand."""


def section(results: Mapping[str, Figures]) -> Iterator[str]:
    """Figures of the last run of each trial."""
    yield from RECOVERY.read_text("utf-8").splitlines()
    yield from _HEAD
    for name, row in _ROWS.items():
        if name in results:
            yield "| " + " | ".join([*row(results[name]), _end(results[name])]) + " |"
    yield ""
    if "soak" in results:
        yield from _memory(results["soak"])


def _end(found: Figures) -> str:
    lost = found["not_stored"] + found["wrong_facts"] + found["not_delivered"] + found["not_recorded"]
    lost += found["no_message"]
    said = [
        f"lost: {lost}", f"twice: {found['delivered_twice']}",
        f"{found['identifiers']} identifiers have the facts of their log", f"{found['delivered']} messages delivered",
    ]  # fmt: skip
    if found["unknown"]:
        said.append(f"{found['unknown']} of unknown fate")
    if found.get("too_late"):
        said.append(f"{found['too_late']} skipped, because they were not fresh any more when their turn came")
    letters = sum(found["letters"].values())
    if letters:
        said.append(f"dead letters: {letters}")
    return "; ".join(said)


def _kill(found: Figures) -> tuple[str, str, str]:
    functions = len(found["killed_by_function"])
    return (
        "`kill -9` of function processes at random moments",
        f"{found['events']:,} events and {found['sent'] + found['unknown']:,} messages pass",
        (
            f"{found['killed']} kills in {_minutes(found)}, {found['killed_at_work']} of them of processes at work, of "
            f"{functions} functions; {_answers(found)}"
        ),
    )


def _restart(found: Figures) -> tuple[str, str, str]:
    left = found["left_when_ended"]
    return (
        "the stack is ended in the middle of kills, and started again at another port",
        f"{found['events']:,} events and {found['sent'] + found['unknown']:,} messages pass",
        (
            f"{left['unread']} records were not read and {left['queued']} messages lay in queues when it was ended; "
            f"{found['killed']} kills"
        ),
    )


def _clock(found: Figures) -> tuple[str, str, str]:
    return (
        "the clock jumps forward and back",
        f"{found['events']:,} events, with a part of them before each jump, and due messages after it",
        ", ".join(found["jumps"]),
    )


def _letters(found: Figures) -> tuple[str, str, str]:
    return (
        "a full queue of dead letters is redriven",
        f"each of {found['delivered']:,} messages lies there twice; new events come meanwhile",
        f"{found['redriven']:,} letters redriven in {found['redriven_seconds']} s, {found['left']} left",
    )


def _outage(found: Figures) -> tuple[str, str, str]:
    how = {"errors": "answers with errors", "silence": "does not answer"}[found["kind"]]
    again = ", ".join(f"{seconds} s" for seconds in found["retry_after"] if seconds)
    left, unread = found["waiting_at_the_end"], found["unread_at_the_beginning"]
    said = [
        f"{found['requests_met']:,} requests failed",
        f"{_answers(found)}, after {found['slowest_answer_seconds']} s at most",
        *([f"`Retry-After: {again}`"] if again else []),
        *([f"{unread} records of the stream were not read when it began"] if unread else []),
        f"{left['unread']} records and {left['queued']} messages waited when it was over",
        f"all was done {found['recovered_seconds']} s later",
    ]
    return (
        f"DynamoDB {how} for ten minutes of the clock",
        f"{found['events']:,} events: a part before it, with messages due in it, a part in it",
        "; ".join(said),
    )


def _soak(found: Figures) -> tuple[str, str, str]:
    first, second = found["waiting_median_first_half"], found["waiting_median_second_half"]
    most, ages = found["waiting_most"], found.get("oldest_seconds", {})
    waited = "; ".join(
        f"the oldest {what} waited {ages[kind][0]} s in the median, {ages[kind][1]} s at most"
        for kind, what in (("unread", "record of a stream"), ("queued", "message of a queue"))
        if kind in ages
    )
    return (
        "nothing: a soak",
        f"{found['events']:,} events of {found['rounds'] * 6:,} people, each with a cart and its messages",
        f"{found['minutes']} minutes; records and messages waited: median {first}, later {second}, {most} at most"
        + "".join(f"; {said}" for said in (waited, found.get("note")) if said),
    )


_ROWS = {
    "kill": _kill, "restart": _restart, "clock": _clock, "letters": _letters, "outage": _outage, "silence": _outage,
    "soak": _soak,
}  # fmt: skip


def _answers(found: Figures) -> str:
    said = [f"{status if status != '0' else 'no answer'} {count} times" for status, count in found["answers"].items()]
    return "answers " + ", ".join(said)


def _minutes(found: Figures) -> str:
    return f"{found['seconds'] / 60:.0f} minutes"


def _memory(found: Figures) -> Iterator[str]:
    yield "Memory of function processes during the soak, in MiB; of each function the largest process:"
    yield ""
    yield "| function | after a quarter | in the end | at most |"
    yield "|---|---|---|---|"
    for function, (quarter, end, most) in found["memory_mib"].items():
        yield f"| `{function}` | {quarter} | {end} | {most} |"
    yield ""


_HEAD = (
    "## The local stack under faults",
    "Made by `make faults`: a stack of its own, real processes, HTTP and queues. Then what is stored and delivered is",
    "compared with what was accepted. *Lost*: accepted events that are not in the log, identifiers whose facts are not",
    "those of their log, people without their message, messages that the ledger calls sent and nobody got.",
    '`make faults TRY="kill --events 20000 --messages 2000"` tries one of them with other numbers.',
    "",
    "| fault | what was tried | how often | what happened |",
    "|---|---|---|---|",
)
