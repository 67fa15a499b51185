"""People of one stream batch are folded side by side; that changes nothing but the waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from functions.segment.on_events import Record, people_apart
from shared.domain.events.event import Event
from tests.support.cases import also_long, cases
from tests.support.world import KEYS, snapshot
from tests.unit.segment.deployment import Deployment
from tests.unit.segment.people import histories

pytestmark = pytest.mark.unit


@also_long
@cases(20, 1_600)
@given(histories(12))
def test_who_shares_an_identifier_stays_together(events: list[Event]) -> None:
    """Every record is in exactly one group, in order, and no identifier is in two groups."""
    records = [Record(place, str(place), KEYS(one.owner), one.sort_key, one) for place, one in enumerate(events)]
    groups = people_apart(records)
    assert sorted(record.place for group in groups for record in group) == list(range(len(events)))
    for group in groups:
        assert [record.place for record in group] == sorted(record.place for record in group)
    named = [{str(who) for record in group for who in record.event.identifiers} for group in groups]
    assert sum(map(len, named)) == len(set().union(*named))


@also_long
@cases(8, 700)
@given(histories(12))
def test_eight_workers_leave_what_one_leaves(events: list[Event]) -> None:
    """The same batch by one worker and by eight: the same customers."""
    alone, together = Deployment(), Deployment()
    together.environment = replace(together.environment, workers=8)
    assert alone.take(*events) == {"batchItemFailures": []}
    answer = together.take(*events)
    while answer["batchItemFailures"]:  # who lost every race comes again, as the stream would bring it
        answer = together.take(*events)
    assert snapshot(together.customers) == snapshot(alone.customers)
