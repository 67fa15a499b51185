"""The one loop over a queue's records: each alone, what failed offered again, and nothing personal in the log."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.queue_records import Record, body_of, offered_again, work_on_each

pytestmark = pytest.mark.unit
LOG = logging.getLogger("kervan.tried")
HIDDEN = "ayse@example.com"
ROOT = Path(__file__).parents[3]


class Unreadable(ValueError):
    pass


def does(record: Record) -> bool:
    match body_of(record):
        case "done":
            return True
        case "not yet":
            return False
        case "unreadable":
            raise Unreadable(HIDDEN)
        case _:
            raise RuntimeError(HIDDEN)


@given(st.lists(st.sampled_from(["done", "not yet", "unreadable", "broken"]), max_size=12))
def test_every_record_is_worked_on_and_what_failed_is_offered_again(bodies: list[str]) -> None:
    """Whatever became of those before it."""
    seen: list[str] = []

    def work(record: Record) -> bool:
        seen.append(record["messageId"])
        return does(record)

    event = {"Records": [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]}
    wanted = [{"itemIdentifier": str(place)} for place, body in enumerate(bodies) if body != "done"]
    assert work_on_each(event, work, LOG, Unreadable) == {"batchItemFailures": wanted}
    assert seen == [str(place) for place in range(len(bodies))]


@pytest.mark.parametrize(
    ("body", "level", "said"),
    [("unreadable", logging.ERROR, "unreadable: Unreadable"), ("x", logging.WARNING, "will try again: RuntimeError")],
)
def test_the_log_names_the_kind_of_a_failure_only(
    body: str, level: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        work_on_each({"Records": [{"messageId": "1", "body": body}]}, does, LOG, Unreadable)
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(level, said)]
    assert HIDDEN not in caplog.text


@pytest.mark.parametrize("event", [{}, {"Records": []}])
def test_an_event_without_records_fails_nothing(event: dict[str, Any]) -> None:
    assert work_on_each(event, does, LOG) == offered_again([])


def test_a_record_without_a_body_is_an_empty_one() -> None:
    assert [body_of({}), body_of({"body": None}), body_of({"body": "x"})] == ["", "", "x"]


def test_nobody_else_makes_the_answer() -> None:
    """A second loop over records would forget one of these rules."""
    found = [
        str(file.relative_to(ROOT))
        for folder in ("functions", "shared", "simulation")
        for file in (ROOT / folder).rglob("*.py")
        if '"itemIdentifier"' in file.read_text(encoding="utf-8")
    ]
    assert found == ["shared/adapters/queue_records.py"]
