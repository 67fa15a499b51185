"""A journey of Pinpoint becomes one of ours that is checked, and whatever has no equal is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cli.importing.pinpoint_conditions import InvalidJourney
from cli.importing.pinpoint_journey import translate_journey
from cli.main import run
from shared.domain.journeys.definition import JourneyDefinition
from tests.support.cases import cases

pytestmark = pytest.mark.unit
FILE = Path(__file__).parents[2] / "payloads" / "pinpoint" / "journey-cart.json"


def journey(activities: dict[str, Any], start: str = "a", **changed: Any) -> dict[str, Any]:
    segment = {"SegmentStartCondition": {"SegmentId": "s"}}
    return {"Name": "J", "StartCondition": segment, "StartActivity": start, "Activities": activities, **changed}


def mail(name: str, following: str | None = None) -> dict[str, Any]:
    return {"EMAIL": {"TemplateName": name, **({"NextActivity": following} if following else {})}}


def test_a_whole_journey_is_translated() -> None:
    """Its start, waits, messages, splits and holdout, in the order of its paths."""
    found = translate_journey(json.loads(FILE.read_text()))
    said = found.definition
    assert (said["journey"], said["reenter"]) == ("sepet-hatirlatma", {"after": "7d"})
    assert said["start"] == {
        "event": "cart.abandoned",
        "where": {"channel": {"one_of": ["web", "app"]}, "total": {"at_least": 250.0}},
        "if": {"in_segment": "pinpoint-seg0001"},
    }
    wait, first, second, branch = said["steps"]
    assert (wait["wait"], first["send"], second["wait"]) == ("1h", "sepethatirlatma", "24h")
    assert branch["branch"]["if"] == {"opens": {"channel": "email", "within": "7d"}}
    holdout, split = branch["branch"]["then"]
    assert holdout["holdout"] == {"percent": 10}
    assert {name: arm["weight"] for name, arm in split["split"].items()} == {"a": 60, "b": 40}
    [text, last] = branch["branch"]["else"]
    assert (text["send"], text["purpose"], text["channels"]) == ("sepet-sms", "transactional", ["sms"])
    assert last["branch"]["if"] == {"in_segment": "pinpoint-vip"}
    assert last["branch"]["else"][0]["branch"]["if"] == {"trait": {"name": "city", "is": "İzmir"}}
    assert found.templates == ["sepethatirlatma", "sepet-push", "sepetson", "sepet-sms"]
    assert found.segments == ["pinpoint-seg0001", "pinpoint-vip"]


def test_what_has_no_equal_is_named_once() -> None:
    """An activity, a condition or a setting, with the reason and where it stood."""
    lost = {(one.where, one.what) for one in translate_journey(json.loads(FILE.read_text())).no_equal}
    assert lost == {
        ("mail1", "purpose"), ("push1", "purpose"), ("mail2", "purpose"), ("split1", "EventCondition"),
        ("multi1", "Behavior"), ("multi1", "path"), ("custom1", "CUSTOM"), ("date1", "Wait"), ("Schedule", "Schedule"),
        ("QuietTime", "QuietTime"), ("Limits", "Limits"),
    }  # fmt: skip


def test_the_command_shows_it_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And writes a file that is the same definition; one that is there stays."""
    output = tmp_path / "cart.yaml"
    assert run(["import", "pinpoint-journey", str(FILE), "--output", str(output)]) == 0
    shown = capsys.readouterr().out
    assert "No equal" in shown
    assert "To write: templates" in shown
    JourneyDefinition.model_validate(yaml.safe_load(output.read_text()))
    assert run(["import", "pinpoint-journey", str(FILE), "--output", str(output)]) == 2
    capsys.readouterr()
    assert run(["import", "pinpoint-journey", str(FILE), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["says"]["tr"] != said["says"]["en"]
    assert said["definition"] == yaml.safe_load(output.read_text())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], "holds no journey"),
        ({"Activities": {}}, "does not say what it starts with"),
        (journey({}), "no activity"),
        (journey({"a": mail("x", "b"), "b": mail("y", "a")}), "in a circle"),
        (journey({f"s{n}": mail(f"t{n}", f"s{n + 1}") for n in range(120)}, "s0"), "more than 100 steps"),
    ],
)
def test_what_is_no_journey_is_refused(
    content: Any, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidJourney, match=sentence):
        translate_journey(content)
    file = tmp_path / "journey.json"
    file.write_text(json.dumps(content))
    assert run(["import", "pinpoint-journey", str(file)]) == 2
    assert sentence in capsys.readouterr().err


def test_paths_that_double_again_and_again_are_refused_soon() -> None:
    """Forty splits that meet again would be a million million steps written out."""
    activities: dict[str, Any] = {
        f"s{n}": {"RandomSplit": {"Branches": [{"Percentage": 50, "NextActivity": f"s{n + 1}"}] * 2}} for n in range(40)
    }
    with pytest.raises(InvalidJourney, match="more than 100 steps"):
        translate_journey(journey(activities | {"s40": mail("x")}, "s0"))


def test_a_path_whose_condition_has_no_equal_is_left_out_and_named() -> None:
    """Everybody goes the other way: nobody gets what only some should."""
    asked = {"SegmentDimensions": {"Demographic": {"Platform": {"Values": ["ios"]}}}}
    split = {"ConditionalSplit": {"Condition": {"Conditions": [asked]}, "TrueActivity": "yes", "FalseActivity": "no"}}
    found = translate_journey(journey({"a": split, "yes": mail("ios-only"), "no": mail("all")}))
    assert [step["send"] for step in found.definition["steps"]] == ["all"]
    assert ("a", "path") in {(one.where, one.what) for one in found.no_equal}


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Activities that lead forward only."""
    size = draw(st.integers(1, 8))
    return {f"n{place}": draw(activities(place, size)) for place in range(size)}


@st.composite
def activities(draw: st.DrawFn, place: int, size: int) -> dict[str, Any]:
    def following() -> str | None:
        return draw(st.sampled_from([None, *(f"n{later}" for later in range(place + 1, size))]))

    kind = draw(
        st.sampled_from(["EMAIL", "SMS", "PUSH", "Wait", "Holdout", "RandomSplit", "ConditionalSplit", "CUSTOM"])
    )
    if kind == "RandomSplit":
        return {kind: {"Branches": [{"Percentage": 50, "NextActivity": following()} for _ in range(2)]}}
    if kind == "ConditionalSplit":
        asked = {"Conditions": [{"SegmentCondition": {"SegmentId": f"s{place}"}}]}
        return {kind: {"Condition": asked, "TrueActivity": following(), "FalseActivity": following()}}
    settings: dict[str, dict[str, Any]] = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}, "Holdout": {"Percentage": 10}}
    own = settings.get(kind, {})
    return {kind: {**own, "TemplateName": f"t{place}", "NextActivity": following()}}


def routes(activities_: dict[str, Any], name: str | None) -> list[list[str]]:
    """By brute force: the messages of each way through the graph."""
    if name is None:
        return [[]]
    [(kind, said)] = activities_[name].items()
    ways = {
        "RandomSplit": lambda: [one["NextActivity"] for one in said["Branches"]],
        "ConditionalSplit": lambda: [said["TrueActivity"], said["FalseActivity"]],
    }.get(kind, lambda: [said["NextActivity"]])()
    own = [said["TemplateName"]] if kind in ("EMAIL", "SMS", "PUSH") else []
    return [[*own, *rest] for way in ways for rest in routes(activities_, way)]


def ways(steps: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The messages of each way through a definition."""
    if not steps:
        yield []
        return
    first, *rest = steps
    if "branch" in first:
        inner = [first["branch"].get("then", []), first["branch"].get("else", [])]
    elif "split" in first:
        inner = [arm["steps"] for arm in first["split"].values()]
    else:
        inner = []
    for arm in inner or [[]]:
        for before in ways(arm):
            for after in ways(rest):
                yield [*([first["send"]] if "send" in first else []), *before, *after]


@given(tree=trees())
@cases(60)
def test_every_way_through_says_the_same(tree: dict[str, Any]) -> None:
    """The messages of each path, in their order, are those of the graph."""
    expected = {tuple(way) for way in routes(tree, "n0")}
    try:
        found = translate_journey(journey(tree, "n0"))
    except InvalidJourney:
        assert expected == {()} or len(expected) > 2  # nothing is sent, or too many ways are written out
        return
    assert {tuple(way) for way in ways(found.definition["steps"])} == expected
