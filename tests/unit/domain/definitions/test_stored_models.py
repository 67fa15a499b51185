"""Definitions of a stored release are read without validators, and are the same as validation makes them."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, model_validator

from shared.domain.campaigns.definition import StopAt
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import NOTHING, write_release
from shared.domain.definitions.shop import Shop, Strict
from shared.domain.definitions.stored_models import read_stored
from shared.domain.definitions.value_test import ValueTest, feature_key
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.templates.definition import CatalogueRule
from tests.support.journey_definitions import SCALARS, journeys
from tests.support.ready_definitions import ready_bundle
from tests.support.segment_history import TOPICS
from tests.support.segment_rules import definition

pytestmark = pytest.mark.unit

DOCS = Path(__file__).resolve().parents[4] / "docs"
KINDS: dict[str, type[BaseModel]] = {
    "journey": JourneyDefinition,
    "segment": SegmentDefinition,
    "coupon": CouponDefinition,
}
OWN_CHECKS = {
    "string_pattern_mismatch", "string_too_short", "string_too_long", "too_short", "too_long", "greater_than",
    "greater_than_equal", "less_than", "less_than_equal",
}  # fmt: skip
"""What only pydantic checks, and was checked when the release was published."""


def stored(one: BaseModel) -> Any:
    """As a release holds it."""
    return json.loads(json.dumps(one.model_dump(mode="json", by_alias=True, exclude_unset=True)))


def check_same(one: BaseModel) -> None:
    """Read as it is stored, without validation, it is equal in every respect, and is stored in the same way again."""
    kind = type(one)
    validated = kind.model_validate(stored(one))
    with patch.object(kind, "model_validate", side_effect=AssertionError("validated")):
        read = read_stored(kind, stored(one))
    assert read == validated == one
    assert repr(read) == repr(validated)
    assert [part.model_fields_set for part in parts(read)] == [part.model_fields_set for part in parts(validated)]
    assert read.model_dump_json(by_alias=True, exclude_unset=True) == one.model_dump_json(
        by_alias=True, exclude_unset=True
    )


def parts(one: Any) -> Iterator[BaseModel]:
    """Every model inside."""
    match one:
        case BaseModel():
            yield one
            for value in one.__dict__.values():
                yield from parts(value)
        case dict():
            for value in one.values():
                yield from parts(value)
        case tuple():
            for value in one:
                yield from parts(value)


def documented() -> Iterator[BaseModel]:
    """The definitions that the documentation shows whole."""
    for page in sorted(DOCS.glob("*.md")):
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            for content in yaml.safe_load_all(block):
                kind = KINDS.get(next(iter(content), "")) if isinstance(content, dict) else None
                if kind is not None:
                    yield kind.model_validate(content)


def test_ready_definitions() -> None:
    """Shop, segments, journeys and templates of the folder ``definitions``."""
    release = ready_bundle().release()
    found = [release.shop, *release.segments, *release.journeys, *release.templates]
    assert len(found) > 40
    for one in found:
        check_same(one)


def test_documented_definitions() -> None:
    """What the documentation shows, and a shop that says everything."""
    found = list(documented())
    assert {type(one) for one in found} == {JourneyDefinition, SegmentDefinition, CouponDefinition}
    for one in (*found, EVERYTHING):
        check_same(one)


@given(st.integers(0, 2**32), st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3))
def test_segments(seed: int, topics: list[str]) -> None:
    """Nested rules of every kind."""
    check_same(definition("made", seed, 3, topics, datetime(2027, 3, 5, tzinfo=UTC), ["other"]))


TEXTS = st.sampled_from(["5", "12.50", "true", "Elbise", " x "])
VALUES = st.one_of(st.booleans(), st.integers(-3, 10**11), st.floats(-9, 9), TEXTS)
TESTS = {
    "is": VALUES,
    "one_of": st.lists(VALUES, min_size=1, max_size=3),
    "contains": TEXTS,
    "exists": st.booleans(),
    "at_least": st.integers(0, 9) | st.floats(0, 9),
}


@given(st.fixed_dictionaries({}, optional=TESTS).filter(bool))
def test_tests_of_values(content: dict[str, Any]) -> None:
    """Numbers, texts that are numbers, and truths stay apart."""
    test = ValueTest.model_validate(content)
    check_same(test)
    asked = {"total": test.model_dump(mode="json", by_alias=True, exclude_none=True)}
    digest = hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=6).hexdigest()
    assert feature_key("Order Completed", {"total": test}) == f"Order Completed?{digest}"


@given(journeys())
def test_journeys(content: dict[str, Any]) -> None:
    """Every kind of start and step, inside of each other."""
    try:
        one = JourneyDefinition.model_validate(content)
    except ValidationError:
        reject()
    check_same(one)


EVERYTHING = Shop.model_validate(
    {
        "name": "Örnek",
        "send_hours": "09:30-20:15",
        "caps": {"email": {"per_local_day": 1}},
        "warm_up": {"email": {"started": "2026-11-01", "daily": [100, 200]}},
        "links": {"clicks": ["email", "sms"], "by_channel": {"sms": {"source": "sms"}}},
        "brand": {"colour": "#A8431F", "font": "arial"},
        "double_opt_in": {"sms": False},
        "consent_texts": {"2026-11": {"channels": ["sms"], "valid_from": "2026-11-01", "tr": "İzin", "en": "Yes"}},
        "iys": {"code": 123456, "brand": 654321, "sources": {"web": "HS_WEB"}},
        "audiences": {"buyers": {"segment": "high-value", "to": "meta", "list": "123"}},
        "prices": {"sms_part": "0.05", "email": 0.001},
        "test_recipients": {"team": "user:42"},
        "digest_to": ["Ayşe <ayse@Shop.example>"],
    }
)


@settings(max_examples=400)
@given(st.data())
def test_what_has_another_shape_is_validated(data: st.DataObject) -> None:
    """A value is replaced or taken away, or a word is added: then validation decides, except about its own checks."""
    release = ready_bundle().release()
    one = data.draw(st.sampled_from([EVERYTHING, *release.segments, *release.journeys, *release.templates]))
    content = stored(one)
    _change(data, content)
    kind = type(one)
    validated, wrong = outcome(lambda: kind.model_validate(content))
    read, told = outcome(lambda: read_stored(kind, content))
    if wrong and not told:
        assert {kind_of for kind_of, _ in wrong} <= OWN_CHECKS
    else:
        assert (read, repr(read), told) == (validated, repr(validated), wrong)


def outcome(make: Callable[[], BaseModel]) -> tuple[BaseModel | None, list[tuple[str, str]]]:
    """What was made, or the kind and the words of each error."""
    try:
        return make(), []
    except ValidationError as wrong:
        return None, [(error["type"], error["msg"]) for error in wrong.errors()]


def _change(data: st.DataObject, content: Any) -> None:
    """One change at some depth."""
    here = content
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            return
        place = data.draw(st.sampled_from(places))
        inner = here[place]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 3)):
            here = inner
            continue
        match data.draw(st.sampled_from(["replace", "remove", "add", "wrap"])):
            case "replace":
                here[place] = data.draw(SCALARS)
            case "remove":
                del here[place]
            case "add" if isinstance(here, dict):
                here[data.draw(st.sampled_from(["no_such_word", "not_", "if", "id", "is"]))] = inner
            case _:
                here[place] = [inner]
        return


def test_defaults_are_what_validation_would_make() -> None:
    """They are made without validators, because making them is part of every import."""
    assert NOTHING.shop == Shop.model_validate({"name": "-"})
    shop = Shop.model_validate({"name": "-"})
    clock = JourneyDefinition.model_fields["clock"].default
    made = (shop.links, shop.brand, shop.sign_up_limits, shop.retention, shop.prices, clock)
    for one in (*made, StopAt.model_construct(), CatalogueRule.model_construct()):
        assert one == type(one).model_validate({})
    assert shop.send_hours == Shop.model_validate({"name": "-", "send_hours": "09:00-20:00"}).send_hours


def test_no_function_builds_validators_of_definitions() -> None:
    """Segment, schedule and notify are imported and read the release; no model of a definition has a validator then."""
    program = (
        "import sys\n"
        "import functions.notify.on_queue, functions.schedule.on_due, functions.segment.on_events\n"
        "from pydantic import BaseModel\n"
        "from shared.domain.definitions.release import read_release\n"
        "release = read_release(sys.stdin.read())\n"
        "assert list(release.templates) and release.features\n"
        "def below(kind):\n"
        "    return [kind, *(one for part in kind.__subclasses__() for one in below(part))]\n"
        "built = [one.__name__ for one in below(BaseModel) if one.__pydantic_complete__ and one is not BaseModel]\n"
        "sys.exit(f'built: {built}' if built else 0)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=DOCS.parent,
        input=write_release(ready_bundle().release()),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def test_what_is_nested_too_deeply_is_validated() -> None:
    """Reading goes through many calls for each level; validation says what is wrong, and the process goes on."""
    who: dict[str, Any] = {"trait": {"name": "vip", "exists": True}}
    for _ in range(400):
        who = {"all": [who]}
    content = {"segment": "made", "who": who}
    validated, wrong = outcome(lambda: SegmentDefinition.model_validate(content))
    assert validated is None
    assert outcome(lambda: read_stored(SegmentDefinition, content)) == (None, wrong)


def test_a_validator_that_asserts_is_a_wrong_value() -> None:
    """As pydantic takes it."""

    class Asserting(Strict):
        number: int

        @model_validator(mode="after")
        def _positive(self) -> Asserting:
            if self.number <= 0:
                raise AssertionError("must be positive")
            return self

    read, wrong = outcome(lambda: read_stored(Asserting, {"number": 0}))
    assert read is None
    assert wrong == [("assertion_error", "Assertion failed, must be positive")]


@pytest.mark.parametrize("hours", [("09:00Z", "20:00"), ("09:00", "20:00+03:00"), ("09:00Z", "20:00Z")])
def test_hours_of_sending_have_no_zone(hours: tuple[str, str]) -> None:
    """They are local hours of each customer. Comparing one with a zone would fail in every function."""
    content = {"name": "-", "send_hours": {"start": hours[0], "end": hours[1]}}
    for make in (Shop.model_validate, lambda said: read_stored(Shop, said)):
        shop, wrong = outcome(lambda make=make: make(content))  # type: ignore[misc]
        assert shop is None
        assert wrong == [("value_error", "Value error, write send_hours as 09:00-20:00")]
