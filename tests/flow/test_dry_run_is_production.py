"""What a deployment did, the dry run says it would do: over its stored history, and over a file of the same events."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from functions.ingest.feedback import Feedback
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import time_text
from shared.stores.ledger import read_record
from shared.stores.sources import add_source
from simulation.dry_run import AFTERWARDS, dry_run
from simulation.stored import stored_story
from simulation.world import World
from tests.flow.deployment import REPOSITORY, Deployment, local
from tests.flow.recorder import START
from tests.flow.sources import consent
from tests.support.ready_definitions import ready_bundle
from tests.unit.ingest.payloads import payload

pytestmark = pytest.mark.flow

DEFINITIONS = REPOSITORY / "definitions"
CART = {"product_id": "p-7", "name": "Keten gömlek", "price": 899.9, "quantity": 1, "url": "https://shop.example/p/7"}
HASAN: dict[str, Any] = {
    "type": "identify",
    "userId": "hasan",
    "traits": {"email": "hasan@example.com", "firstName": "Hasan", "language": "tr"},
}
ADDED = {"type": "track", "userId": "hasan", "event": "Product Added", "properties": CART}

Done = list[tuple[str, str, datetime]]
"""Step, channel and time of every message that went out."""


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the functions' counters for its process, which is that of other tests here."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def done(deployment: Deployment) -> Done:
    return [(one.step, one.channel, one.at) for one in deployment.sent]


def simulated(deployment: Deployment, until: datetime, customers: int = 10) -> Done:
    """The dry run over what the deployment stored."""
    bundle = ready_bundle()
    world = World(bundle.release(), START)
    story = stored_story(deployment.customers, "TR", world.keys, customers)
    assert "user:hasan" in story.names.values()
    found = dry_run(bundle.release(), story, world, since=START, until=until)
    return [(one.step, one.channel, one.at) for one in found.messages if one.state == "sent"]


def reported(deployment: Deployment, name: str) -> None:
    """SES reports about the one mail that went out."""
    home = deployment.keys(parse_identifier("user:hasan"))
    records = [read_record(item) for item in deployment.ledger.of_home(home).items]
    [record] = [one for one in records if one.channel == "email" and one.state == "sent"]
    text = json.dumps(payload(f"ses/{name}")["detail"]).replace('"MESSAGE"', json.dumps(record.message_id))
    detail = json.loads(text)
    for part in detail.values():
        if isinstance(part, dict) and "timestamp" in part:
            part["timestamp"] = time_text(deployment.clock.at)
    feedback = Feedback(deployment.tables["customers"], deployment.ledger, deployment.keys)
    assert feedback.record(detail, deployment.clock.at)
    deployment.settle()


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", ["bounce", "complaint"])
def test_a_dead_address_is_dead_in_the_dry_run_too(deployment: Deployment, name: str, *, shared: bool) -> None:
    """The first reminder bounces or annoys, and nothing follows; also where a customer who is not drawn owns the
    address, so that no partition of this one tells which it is."""
    if shared:
        deployment.send("server", HASAN | {"userId": "bora"})
    deployment.send("server", HASAN)
    deployment.send("server", *consent("hasan", "email"))
    deployment.send("web", ADDED)
    deployment.advance(START + timedelta(hours=3))
    assert [step for step, _, _ in done(deployment)] == ["reminder"]
    reported(deployment, name)
    deployment.advance(START + timedelta(days=4))
    assert len(done(deployment)) == 1
    assert simulated(deployment, START + timedelta(days=4), 1) == done(deployment)


def test_consent_of_a_form_that_may_grant_counts_in_the_dry_run_too(deployment: Deployment) -> None:
    """Its key is public and may grant, that of the shop's pages is public and may not: each statement says which."""
    form = Source("form", "web", trusted=False, may_grant_consent=True)
    add_source(deployment.tables["catalog"], "form", form, created_at=START)
    for user, source in (("hasan", "form"), ("bora", "web")):
        deployment.send(
            "server", HASAN | {"userId": user, "traits": HASAN["traits"] | {"email": f"{user}@example.com"}}
        )
        deployment.send(source, *consent(user, "email"))
        deployment.send("web", ADDED | {"userId": user})
    deployment.advance(START + timedelta(days=4))
    assert [step for step, _, _ in done(deployment)] == ["reminder", "offer", "last"]
    assert simulated(deployment, START + timedelta(days=4)) == done(deployment)


ORDER = {"order_id": "o-1", "total": 899.9, "currency": "TRY", "products": [CART]}
STORIES: dict[str, list[tuple[float, str, dict[str, Any]]]] = {
    "cart-recovery": [
        (1, "Product Added", CART),
        (30, "Product Added", CART | {"product_id": "p-8"}),
        (200, "Product Added", CART),
        (226, "Order Completed", ORDER),
    ],
    "post-purchase": [
        (1, "Order Completed", ORDER),
        (30, "Order Shipped", {"order_id": "o-1", "tracking_number": "T1", "tracking_url": "https://x.example/1"}),
        (62.5, "Order Delivered", {"order_id": "o-1"}),
        (70, "Order Completed", ORDER | {"order_id": "o-2"}),
        (90, "Order Cancelled", {"order_id": "o-2"}),
    ],
}


@pytest.mark.parametrize("journey", STORIES)
def test_a_file_of_events_tells_the_same_story(
    deployment: Deployment, journey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Played by production on moto, and read from a file: the same steps on the same channels at the same times."""
    said: list[tuple[float, dict[str, Any]]] = [(0, HASAN), *((0, one) for one in consent("hasan", "email"))]
    said += [(hours, ADDED | {"event": event, "properties": about}) for hours, event, about in STORIES[journey]]
    events = [
        {"messageId": f"m-{place}", **event, "timestamp": local(hours).isoformat()}
        for place, (hours, event) in enumerate(said)
    ]
    for event in events:
        deployment.advance(datetime.fromisoformat(event["timestamp"]))
        deployment.send("server", event)
        deployment.settle()
    deployment.advance(deployment.clock.at + AFTERWARDS)
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in reversed(events)))
    capsys.readouterr()
    draft = DEFINITIONS / "journeys" / f"{journey}.yaml"
    words = ["--definitions", str(DEFINITIONS), "--events", str(file), "--with-others", "--json"]
    assert run(["journeys", "simulate", str(draft), *words]) == 0
    found = json.loads(capsys.readouterr().out)
    messages = [
        (one["step"], one["channel"], datetime.fromisoformat(one["at"]))
        for one in found["messages"]
        if one["state"] == "sent"
    ]
    assert len(messages) > 3
    assert messages == done(deployment)
    assert found["events"] == len(events)
    assert journey in {one["journey"] for one in found["messages"]}
