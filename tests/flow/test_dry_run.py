"""The dry run: production's functions over a file of events, or over the log of customers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.importing.file_story import file_story
from cli.main import run
from simulation.dry_run import dry_run
from simulation.stored import stored_story
from simulation.world import World
from tests.flow.deployment import REPOSITORY, Deployment
from tests.flow.recorder import START
from tests.flow.sources import consent
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.flow
DRAFT = REPOSITORY / "definitions" / "journeys" / "cart-recovery.yaml"
CART = {"product_id": "p-7", "name": "Keten gömlek", "price": 899.9, "quantity": 1, "url": "https://shop.example/p/7"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the functions' counters for its process, which is that of other tests here."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def said(user: str, hours: float, event: str, **properties: Any) -> dict[str, Any]:
    at = (START + timedelta(hours=hours)).isoformat()
    name = f"{user}-{hours}-{event}"
    return {"type": "track", "userId": user, "event": event, "timestamp": at, "messageId": name} | (
        {"properties": properties} if properties else {}
    )


def known(user: str) -> dict[str, Any]:
    traits = {"email": f"{user}@example.com", "firstName": "Deniz", "language": "tr"}
    return {"type": "identify", "userId": user, "timestamp": START.isoformat(), "messageId": user, "traits": traits}


def written(path: Path, *events: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def simulated(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["journeys", "simulate", str(DRAFT), "--definitions", str(DRAFT.parents[1]), "--json", *options]) == 0
    return dict(json.loads(capsys.readouterr().out))


def sent(document: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Customer, step, and hours after the beginning."""
    return [
        (one["customer"], one["step"], (datetime.fromisoformat(one["at"]) - START) / timedelta(hours=1))
        for one in document["messages"]
        if one["state"] == "sent"
    ]


def test_who_would_get_what_and_when_and_who_not_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One agreed and left a cart, one never agreed, one bought; the last line is no event."""
    agreed = {"channel": "email", "purpose": "marketing"}
    file = written(
        tmp_path / "events.ndjson",
        *(known(user) for user in ("ada", "bora", "cem")),
        *(said(user, 0.1, "Consent Granted", **agreed) for user in ("ada", "cem")),
        *(said(user, 1, "Product Added", **CART) for user in ("ada", "bora", "cem")),
        said("cem", 3, "Order Completed", order_id="o-1", total=899.9, products=[CART]),
        {"type": "track"},
    )
    found = simulated(capsys, "--events", str(file))
    assert sent(found) == [
        ("user:ada", "reminder", 2.0),
        ("user:cem", "reminder", 2.0),
        ("user:ada", "offer", 25.0),
        ("user:ada", "last", 73.0),
    ]
    assert found["customers"] == 3
    assert {(end["reason"], end["runs"]) for end in found["ends"]} == {("completed", 2), ("stopped_ordered", 1)}
    assert {one["reason"] for one in found["messages"] if one["customer"] == "user:bora"} >= {"no_consent"}
    assert found["cost"] == {"units": {"email": 4, "sms": 0, "push": 0}, "dollars": 0.0004}
    assert len(found["refused"]) == 1
    agreeing = simulated(capsys, "--events", str(file), "--assume-consent")
    assert [step for user, step, _ in sent(agreeing) if user == "user:bora"] == ["reminder", "offer", "last"]


def test_the_history_before_the_window_begins_nothing(tmp_path: Path) -> None:
    """A cart of last week is known, and its reminders were then."""
    bundle = ready_bundle()
    release = bundle.release()
    release = replace(release, journeys=tuple(one for one in release.journeys if one.journey == "cart-recovery"))
    events = [known("ada"), said("ada", 0.1, "Consent Granted", channel="email", purpose="marketing")]
    events += [said("ada", 1, "Product Added", **CART), said("ada", 200, "Product Added", **CART | {"product_id": "q"})]
    world = World(release, START)
    story = file_story(written(tmp_path / "e.ndjson", *events), "TR", world.keys)
    since = START + timedelta(hours=100)
    done = dry_run(release, story, world, since=since, until=START + timedelta(hours=300))
    assert {one.at > since for one in done.messages} == {True}
    assert [one.step for one in done.messages if one.state == "sent"] == ["reminder", "offer", "last"]


def test_the_log_tells_the_same_story_as_production_did(deployment: Deployment) -> None:
    """What a deployment sent over four days, the dry run over its stored history sends at the same times."""
    deployment.send("server", {"type": "identify", "userId": "ada", "traits": known("ada")["traits"]})
    deployment.send("server", *consent("ada", "email"))
    deployment.send("web", {"type": "track", "userId": "ada", "event": "Product Added", "properties": CART})
    deployment.advance(START + timedelta(days=4))
    did = [(one.step, one.at) for one in deployment.sent]
    bundle = ready_bundle()
    world = World(bundle.release(), START)
    story = stored_story(deployment.customers, "TR", world.keys, 10)
    done = dry_run(bundle.release(), story, world, since=START, until=START + timedelta(days=4))
    assert len(did) == 3
    assert [(one.step, one.at) for one in done.messages if one.state == "sent"] == did
