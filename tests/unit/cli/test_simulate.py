"""`kervan journeys simulate` as a person meets it: wrong lines, wrong use, the consent of everybody, stand-in codes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import catalog
from cli.importing.file_story import file_story
from cli.main import run
from shared.domain.coupons.definition import CouponDefinition
from simulation import world as worlds
from simulation.dry_run import dry_run
from simulation.stories import agreement
from simulation.world import World
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.unit

DEFINITIONS = Path(__file__).parents[3] / "definitions"
DRAFT = DEFINITIONS / "journeys" / "cart-recovery.yaml"
START = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
CART = {"product_id": "p-7", "name": "Keten gömlek", "price": 899.9, "quantity": 1, "url": "https://shop.example/p/7"}
ADDED: dict[str, Any] = {
    "type": "track", "userId": "u1", "event": "Product Added", "timestamp": START.isoformat(), "properties": CART,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the functions' counters for its process, which is that of other tests here."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def written(folder: Path, *events: dict[str, Any]) -> Path:
    file = folder / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    return file


def simulate(*options: str) -> int:
    return run(["journeys", "simulate", str(DRAFT), "--definitions", str(DEFINITIONS), *options])


def played(capsys: pytest.CaptureFixture[str], file: Path, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert simulate("--events", str(file), "--json", *options) == 0
    return dict(json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(text)))


WRONG_TIMES: list[Any] = [
    5, 1.5, -1e300, [], {}, True, None, "", "yesterday", "9999-12-31T23:59:59Z", "0001-01-01", "3000-01-01",
]  # fmt: skip


def test_a_line_with_a_wrong_time_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is named with its reason, and the others are played."""
    found = played(capsys, written(tmp_path, *(ADDED | {"timestamp": time} for time in WRONG_TIMES), ADDED))
    assert found["events"] == 1
    assert [line.partition(":")[0] for line in found["refused"]] == [
        f"line {number}" for number in range(1, len(WRONG_TIMES) + 1)
    ]


def test_wrong_use_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A draft, a folder, a file that are not there; a price that is none; an ending that says nothing: status 2."""
    events = written(tmp_path, ADDED)
    (nameless := tmp_path / "events").write_text("{}")
    cases = (
        (["journeys", "simulate", "nope.yaml", "--definitions", str(DEFINITIONS)], "there is no file nope.yaml"),
        (["journeys", "simulate", str(DRAFT), "--definitions", "nope"], "there is no folder nope"),
        (["--events", str(nameless)], "give it the ending"),
        (["--events", str(tmp_path / "none.ndjson")], "is no file"),
        *((["--events", str(events), "--sms-price", price], "--sms-price") for price in ("inf", "nan", "-1", "1e308")),
    )
    for words, said in cases:
        whole = words if words[0] == "journeys" else ["journeys", "simulate", str(DRAFT), *words]
        whole += [] if "--definitions" in words else ["--definitions", str(DEFINITIONS)]
        assert run([*whole, "--json"]) == 2, words
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert said in err
        assert "--format" not in err


def test_a_mistake_in_a_template_of_another_journey_counts_where_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone the draft is played; with the others it is refused."""
    folder = tmp_path / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    (folder / "templates" / "birthday" / "subject.en.txt").write_text("{{ nobody.knows }}", "utf-8")
    command = ["journeys", "simulate", str(DRAFT), "--definitions", str(folder), "--json"]
    command += ["--events", str(written(tmp_path, ADDED))]
    assert run(command) == 0
    assert run([*command, "--with-others"]) == 1
    assert "nobody.knows" in capsys.readouterr().err


def test_a_time_that_is_none_is_said_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the history is billed."""
    monkeypatch.setattr(catalog, "customers_table", lambda _stage: pytest.fail("it was read"))
    assert simulate("--last", "xyz", "--stage", "prod") == 2


def test_everybody_agreed_means_everybody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Known by a user id, a loyalty number, an address or a number only; the consents are no events, and begin none."""
    traits = {"firstName": "Deniz", "language": "tr"}
    people: tuple[dict[str, Any], ...] = (
        {"userId": "u1", "context": {"traits": traits | {"email": "u1@example.com"}}},
        {"context": {"traits": traits | {"email": "only@example.com"}}},
        {
            "context": {
                "externalIds": [{"type": "loyalty", "id": "L-7"}],
                "traits": traits | {"email": "loyal@example.com"},
            }
        },
    )
    said = [{name: value for name, value in ADDED.items() if name != "userId"} | person for person in people]
    file = written(tmp_path, *said)
    found = played(capsys, file)
    assert {one["state"] for one in found["messages"]} == {"skipped"}
    agreed = played(capsys, file, "--assume-consent")
    assert (agreed["events"], agreed["customers"]) == (3, 3)
    sent = [one["customer"] for one in agreed["messages"] if (one["step"], one["state"]) == ("reminder", "sent")]
    assert len(sent) == len(people)
    assert agreed["runs"] == {"cart-recovery": 3}


def test_everybody_agreed_after_what_they_said_before(tmp_path: Path) -> None:
    """Who withdrew before the window agreed since; who withdraws within it, withdraws."""
    bundle = ready_bundle()
    release = bundle.release()
    release = replace(release, journeys=tuple(one for one in release.journeys if one.journey == "cart-recovery"))

    def said(user: str, hours: float, event: str, **properties: Any) -> dict[str, Any]:
        at = (START + timedelta(hours=hours)).isoformat()
        context = {"traits": {"email": f"{user}@example.com", "firstName": "Ada", "language": "tr"}}
        return {"type": "track", "userId": user, "event": event, "timestamp": at, "context": context} | {
            "properties": properties
        }

    withdrawn = {"channel": "email", "purpose": "marketing"}
    file = written(
        tmp_path,
        said("ada", 0, "Consent Withdrawn", **withdrawn),
        *(said(user, 24, "Product Added", **CART) for user in ("ada", "bora")),
        said("bora", 30, "Consent Withdrawn", **withdrawn),
    )
    world = World(release, START)
    story, since = file_story(file, "TR", world.keys), START + timedelta(hours=12)
    agreed = agreement(story.names, since)
    done = dry_run(release, story, world, since=since, until=START + timedelta(days=9), agreed=agreed)
    sent = {(one.customer, one.step) for one in done.messages if one.state == "sent"}
    assert sent == {("user:ada", step) for step in ("reminder", "offer", "last")} | {("user:bora", "reminder")}
    assert done.events == 3


def test_stand_in_codes_never_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More customers than a stock of codes holds: each gets one of his own."""
    monkeypatch.setattr(worlds, "CODES", 4)
    bundle = ready_bundle()
    imported = CouponDefinition(coupon="CART10", codes="imported")
    release = replace(bundle.release(), coupons=(imported,))
    context = {"traits": {"firstName": "Ada", "language": "tr"}}
    events = [
        ADDED | {"userId": f"u{number}", "context": {"traits": context["traits"] | {"email": f"u{number}@example.com"}}}
        for number in range(15)
    ]
    world = World(release, START)
    story = file_story(written(tmp_path, *events), "TR", world.keys)
    agreed = agreement(story.names, START)
    done = dry_run(release, story, world, since=START, until=START + timedelta(days=2), agreed=agreed)
    offers = [one for one in done.messages if one.step == "offer"]
    assert [one.state for one in offers] == ["sent"] * 15
    codes = {record.coupon for record in world.records() if record.step == "offer"}
    assert len(codes) == 15
