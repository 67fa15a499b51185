"""Data of every version that was released, under the code of today: read, continued and never sent twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cli.publishing import publish
from shared.adapters.attribute_values import read_item
from shared.domain.privacy.data_map import DATA_MAP, kind_of, unmapped
from tests.flow.deployment import Deployment, local
from tests.flow.recorder import START
from tests.flow.releases import kept, lake
from tests.flow.releases.kept import holds, versions
from tests.flow.releases.scenes import NAMES, SCENES, SHOP
from tests.flow.releases.write import current
from tests.flow.stored_data import AUTUMN, CAMPAIGN_HOUR, QUESTIONS, answers, store
from tests.support.moto_wire import boto3_client
from tests.support.ready_definitions import ready_bundle

pytestmark = pytest.mark.flow
NOT_KEPT = {
    "lease of a shard", "lease of who tells platforms", "lease of the exchange with the register",  # gone in minutes
    "campaign that stopped by itself", "test of a campaign",  # gone within days, and read for people only
}  # fmt: skip
"""Kinds of items that no scene keeps, each with its reason."""


@pytest.fixture(autouse=True)
def _no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def test_every_version_keeps_every_scene() -> None:
    """`make release-fixtures` writes them before a release; the version of the code has been written."""
    assert current() in versions()
    for version in versions():
        found = {path.name.removesuffix(".json.gz") for path in (kept.FOLDER / version).iterdir()}
        assert found <= {*NAMES, SHOP}
        assert found == {*NAMES, SHOP} or version != current()


@pytest.mark.parametrize("scene", SCENES, ids=lambda one: one.name)
@pytest.mark.parametrize("version", versions())
def test_stored_data_mean_what_they_meant(version: str, scene: Any) -> None:
    """Items, bodies of queues and tokens that were on their way: today's functions answer as that version did, and go
    on from there."""
    if not kept.place_of(version, scene.name).exists():
        pytest.skip("the version has no such scene")
    found = kept.read(version, scene.name)
    now = scene.asked(found)
    for question, before in found["answers"].items():
        assert holds(now[question], before), (question, now[question], before)


@pytest.mark.parametrize("version", versions())
def test_the_lake_says_what_it_said(version: str) -> None:
    """Parquet, roll-ups and raw rows of that version, also after today's compaction."""
    found = kept.read(version, lake.SCENE)
    now = lake.asked(found)
    for state, before in found["answers"].items():
        for report, tables in before.items():
            assert holds(now[state][report], tables), (state, report)


def test_every_kind_of_item_is_kept() -> None:
    """Of the newest version: a kind that is added later comes into a scene. No item is of a kind that nobody knows."""
    met: set[tuple[str, str]] = set()
    for scene in (*(one.name for one in SCENES), SHOP):
        for table, items in kept.read(current(), scene)["items"].items():
            plain = [read_item(item) for item in items]
            assert unmapped(table, plain) == [], scene
            met |= {(table, kind.name) for item in plain if (kind := kind_of(table, item["pk"], item["sk"]))}
    missing = {f"{one.table}: {one.name}" for one in DATA_MAP if (one.table, one.name) not in met}
    assert missing <= {f"{one.table}: {one.name}" for one in DATA_MAP if one.name in NOT_KEPT}


@pytest.fixture(params=versions())
def shop(request: pytest.FixtureRequest) -> Any:
    return kept.read(request.param, SHOP)


@pytest.fixture
def upgraded(deployment: Deployment, shop: Any) -> Deployment:
    """The tables as that version left them, the functions of today, and streams that begin now."""
    client = boto3_client("dynamodb")
    for table in shop["items"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    store(shop)
    deployment.stream.forget()
    deployment.clock.at = datetime.fromisoformat(shop["at"])
    deployment.restart()
    return deployment


def told(deployment: Deployment) -> list[tuple[float, str, str]]:
    """(hours after Monday 10:00, step, address)"""
    return [(round((one.at - START).total_seconds() / 3600, 2), one.step, one.to) for one in deployment.sent]


def test_stored_data_says_what_it_said(upgraded: Deployment, shop: Any) -> None:
    """Who is who, what happened, what was sent and why, who agreed to what."""
    now = answers(upgraded)
    assert set(shop["answers"]) <= set(QUESTIONS)
    for question, before in shop["answers"].items():
        assert holds(now[question], before), (question, now[question], before)


@pytest.mark.parametrize("published", [False, True], ids=["with the old release", "published anew"])
def test_what_waited_goes_on_and_nothing_is_sent_twice(upgraded: Deployment, published: bool) -> None:
    """Two reminders of a cart and tomorrow's campaign, each once and at its time; who withdrew gets none."""
    if published:
        publish(upgraded.tables["catalog"], ready_bundle().release())
        upgraded.restart()
    upgraded.advance(local(100))
    ayse = "ayse@example.com"
    reminders = [one for one in told(upgraded) if one[2] == ayse and one[1] != "campaign"]
    assert [hour for hour, _step, _to in reminders] == [24, 72]
    assert len({step for _hour, step, _to in reminders}) == 2
    campaign = [(hour, to) for hour, step, to in told(upgraded) if step == "campaign"]
    assert campaign == [(CAMPAIGN_HOUR, "mehmet@example.com")]
    assert not [one for one in told(upgraded) if one[2].startswith("zeynep")]
    assert upgraded.failures() == []
    assert upgraded.read("campaigns", str(AUTUMN["campaign"]))["state"] == "done"
