"""Whatever is sent, the answer is an answer, and what it says adds up."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.stores.event_items import read_event
from tests.support.cases import UNIT, cases
from tests.unit.ingest.world import World

pytestmark = UNIT

TEXT = st.one_of(
    st.text(max_size=20),
    st.text(alphabet=st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), max_size=3),
    st.sampled_from(
        ["", "null", "0", "#", "a#b", "\x00", "__proto__", "user:42", "ayse@example.com", "0555 111 22 33", "İ" * 300]
    ),
)
TIMES = st.sampled_from(
    (
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-11-22T09:59:00+03:00",
        "2026-11-22",
        "0001-01-01T00:00:00+14:00",
        "2262-01-01T00:00:00.000000001Z",
        "yesterday",
    )
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.integers(min_value=10**38, max_value=10**40))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXT, TIMES)
NAMES = st.one_of(st.sampled_from(["email", "phone", "id", "type", "token", "traits", "device", "__proto__"]), TEXT)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
IDS = ("userId", "anonymousId", "messageId", "previousId", "groupId", "name", "context", "traits")
MESSAGES = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["track", "identify", "page", "group", "alias", "screen", "x"])},
        optional={
            "event": st.one_of(
                ANYTHING, st.sampled_from(["Consent Granted", "Consent Withdrawn", "Unsubscribed", "Completed Order"])
            ),
            **dict.fromkeys(IDS, ANYTHING),
            "properties": st.one_of(
                ANYTHING,
                st.fixed_dictionaries(
                    {"channel": st.sampled_from(["email", "sms", "push"])}, optional={"address": ANYTHING}
                ),
            ),
            "timestamp": ANYTHING,
            "originalTimestamp": TIMES,
            "sentAt": st.one_of(ANYTHING, TIMES),
        },
    ),
)


def dumped(value: Any) -> str:
    """JSON as a careless client writes it: NaN, huge integers, lone surrogates as escapes."""
    return json.dumps(value)


@cases(33)
@given(messages=st.lists(MESSAGES, max_size=6), context=ANYTHING, sent_at=st.one_of(ANYTHING, TIMES))
def test_accepted_and_rejected_are_all_that_was_sent(messages: list[Any], context: Any, sent_at: Any) -> None:
    """Any JSON in a batch is answered with 200; every event is accepted and readable, or refused with one sentence."""
    world = World()
    body = dumped({"batch": messages, "context": context, "sentAt": sent_at})
    status, answer = world.post("/v1/batch", body)
    assert status == 200
    assert answer["accepted"] + len(answer["rejected"]) == len(messages)
    assert [one["index"] for one in answer["rejected"]] == sorted({one["index"] for one in answer["rejected"]})
    assert all(one["reason"] and "\n" not in one["reason"] for one in answer["rejected"])
    stored = [item for items in world.customers._items.values() for item in items.values() if "name" in item]
    assert len(stored) <= answer["accepted"]
    assert bool(stored) == bool(answer["accepted"])
    for item in stored:
        json.dumps(item).encode()
        assert read_event(item).identifiers


@cases(80)
@given(
    body=st.one_of(ANYTHING.map(dumped), st.text(max_size=60), st.binary(max_size=60)),
    path=st.sampled_from(["track", "b", "alias"]),
)
def test_any_body_is_answered(body: str | bytes, path: str) -> None:
    """Any bytes whatsoever at any endpoint are 200, 400 or 413, never an exception."""
    assert World().post(f"/v1/{path}", body)[0] in {200, 400, 413}


@cases(26)
@given(
    path=st.text(alphabet=string.printable + "ğ\x00\ud800", max_size=40),
    query=st.dictionaries(st.sampled_from(["limit", "cursor"]), TEXT),
)
def test_any_question_is_answered(path: str, query: dict[str, str]) -> None:
    """Any path below the customers, with any limit and cursor, has an answer."""
    for tail in ("", "/timeline", "/messages", "/links", "/consents"):
        assert World().get(f"/v1/customers/user:{path}{tail}", query=query)[0] in {200, 400, 404}


def test_ten_thousand_levels_cost_only_themselves() -> None:
    """One event that nests 10,000 levels is refused, its neighbours are stored."""
    world = World()
    good = '{"type":"track","event":"A","userId":"42","messageId":"%s"}'
    deep = '{"type":"track","event":"A","userId":"42","messageId":"deep","properties":{"x":%s}}' % (
        "[" * 10_000 + "]" * 10_000
    )
    objects = '{"type":"track","event":"A","userId":"42","properties":%s}' % ('{"a":' * 5_000 + "1" + "}" * 5_000)
    answer = world.post("/v1/batch", f'{{"batch":[{good % "m1"},{deep},{objects},{good % "m2"}]}}')[1]
    assert answer["accepted"] == 2
    assert [(one["index"], one["messageId"]) for one in answer["rejected"]] == [(1, "deep"), (2, None)]
    assert "nested" in answer["rejected"][0]["reason"]


def test_what_a_strict_reader_takes_but_a_writer_does_not() -> None:
    """Nesting that the fast reader still takes, in an event of more than 32 KB, is refused and no exception."""
    world = World()
    nested = "[" * 1000 + "]" * 1000
    deep = f'{{"type":"track","event":"A","userId":"42","properties":{{"x":{nested},"y":"{"z" * 40_000}"}}}}'
    assert world.post("/v1/batch", f'{{"batch":[{deep}]}}')[1]["accepted"] == 0


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1" * 39, "-" + "1" * 39, "1" * 5000, "1e38", "1e18"])
def test_numbers_that_nobody_keeps(number: str) -> None:
    """A number that is none, or too large to be kept exactly, is refused with its event only."""
    world = World()
    event = '{"type":"track","event":"A","userId":"42","messageId":"%s","properties":{"total":%s}}'
    answer = world.post("/v1/batch", f'{{"batch":[{event % ("bad", number)},{event % ("good", "19.99")}]}}')[1]
    assert (answer["accepted"], answer["rejected"][0]["messageId"]) == (1, "bad")
    assert "number" in answer["rejected"][0]["reason"]
    assert world.events_of("user:42")[0].properties == {"total": 19.99}


def test_half_an_emoji_costs_no_order() -> None:
    """A product's name that a shop cut through an emoji is stored with a replacement; the same in an id is refused."""
    world = World()
    order = r'{"type":"track","event":"Order Completed","userId":"42%s","properties":{"name":"T\ud83d"}}'
    orders = ",".join((order % "", order % r"\ud83d"))
    answer = world.post("/v1/batch", f'{{"batch":[{orders}]}}')[1]
    assert answer["accepted"] == 1
    assert "Unicode" in answer["rejected"][0]["reason"]
    assert world.events_of("user:42")[0].properties == {"name": "T\ufffd"}
