"""What becomes of enrollments is told to the lake by the reader of the customers' stream."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from functions.schedule.environment import Environment
from functions.schedule.on_customer import respond
from shared.adapters.attribute_values import write_item
from shared.adapters.memory_lake import MemoryLake
from shared.domain.journeys.enrollment import End, Enrollment, Trigger, to_item
from shared.stores.lake_rows import LakeRows
from tests.support.cases import UNIT
from tests.support.world import NOW

pytestmark = UNIT
BEGUN = Enrollment(
    journey="welcome", id="e1", home="u.a", release=1, trigger=Trigger("Signed Up", "u.a", "t#1", NOW), started_at=NOW,
    clock=None, steps={}, end=None, version=1,
)  # fmt: skip


def changes(*enrollments: Enrollment) -> dict[str, Any]:
    return {
        "Records": [
            {"dynamodb": {"SequenceNumber": str(place), "NewImage": write_item(to_item(one))}}
            for place, one in enumerate(enrollments)
        ]
    }


def environment(lake: LakeRows | None) -> Environment:
    """Only the clock and the lake: an enrollment asks for nothing else."""
    return cast("Environment", SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW), lake=lake))


def test_each_version_of_an_enrollment_is_told_with_one_request() -> None:
    lake = MemoryLake()
    ended = replace(BEGUN, end=End("completed", NOW), version=2)
    assert respond(changes(BEGUN, ended), environment(LakeRows(lake))) == {"batchItemFailures": []}
    rows = lake.rows("outcomes")
    assert [(row["kind"], row["version"], row["state"]) for row in rows] == [
        ("enrollment", 1, "live"),
        ("enrollment", 2, "ended"),
    ]
    assert lake.requests == 1


def test_without_a_lake_nothing_is_told() -> None:
    assert respond(changes(BEGUN), environment(None)) == {"batchItemFailures": []}
