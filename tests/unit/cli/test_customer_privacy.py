"""The copy of everything that is known of a person, over HTTP and as a file."""

from __future__ import annotations

import io
import json
import re
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest

from cli.commands.customer_privacy import _fetch
from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.operators.person_page import person_page
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit
HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    world = Mail().world
    Releases(world.catalog).publish(Release(0, Shop(name="Kervan"), segments=SEGMENTS))
    told(world, WEB_KEY, userId=None, anonymousId="a-1", event="Product Viewed", properties={"product_id": HOSTILE})
    told(world, anonymousId="a-1", type="identify", traits={"email": "ayse@example.com", "name": HOSTILE})
    told(world, event="Consent Granted", properties={"channel": "email", "text_version": "7"})
    for number in range(150):
        told(world, event="Order Completed", properties={"order_id": f"o{number}", "total": 1})
    fold(world)
    connect(world)
    return world


def test_the_pages_hold_everything_once(world: World) -> None:
    """The first one holds the person, the consents with their proof and the links; all of them each event once."""
    status, first = world.get("/v1/customers/user:42/export")
    assert status == 200
    assert first["customer"]["traits"]["email"] == "ayse@example.com"
    assert [one["text_version"] for one in first["consents"]["items"]] == ["7"]
    assert {one["identifier"] for one in first["links"]} >= {"user:42", "anonymous:a-1"}
    items, cursor = first["items"], first["cursor"]
    while cursor:
        page = world.get("/v1/customers/user:42/export", query={"cursor": cursor})[1]
        assert set(page) == {"made_at", "items", "cursor"}
        items, cursor = items + page["items"], page["cursor"]
    names = [item.get("messageId") or item.get("message_id") for item in items]
    assert len(names) == len(set(names)) == 154
    assert {item["kind"] for item in items} == {"event", "message"}
    assert world.get("/v1/customers/user:nobody/export")[0] == 404
    assert world.get("/v1/customers/user:42/export", query={"cursor": "x"})[0] == 400
    assert world.get("/v1/customers/user:42/export", key=STORE_KEY)[0] == 403


def test_the_command_writes_one_file(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Data for programs and a page for the person; both hold every event."""
    file = tmp_path / "ayse.zip"
    assert run(["customer", "export", "user:42", "--out", str(file), "--language", "en"]) == 0
    assert "154 events and messages" in capsys.readouterr().out
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["data.json", "index.html"]
        data = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    assert len(data["items"]) == 154
    assert page.count("Order Completed") == 150
    assert run(["customer", "export", "user:42", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["customer"] == data["customer"]
    assert run(["customer", "export", "user:42", "--out", str(tmp_path / "none" / "x.zip")]) == 1
    assert "cannot be written" in capsys.readouterr().err


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_page_runs_nothing_and_shows_everything(world: World, language: Any) -> None:
    """Whatever a stranger sent as a product or a name is text; nothing is loaded from elsewhere."""
    told_all = world.get("/v1/customers/user:42/export", query={"limit": "1000"})[1]
    page = person_page(told_all, language)
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.names
    assert HOSTILE.replace('"', "") in tags.text.replace('\\"', "").replace('"', "")
    assert not re.search(r"(<[^>]*\s(src|href)=|url\()", page)
    assert page.startswith(f'<!doctype html><html lang="{language}">')
    assert ("Size gönderilen" in page) == (language == "tr")
    [message] = [item["message"] for item in told_all["items"] if item["kind"] == "message"]
    assert message["text"] in tags.text


def test_a_message_that_was_not_sent_says_why(world: World) -> None:
    """In the language of the page, as a sentence; a message that went out has none."""
    told_all = world.get("/v1/customers/user:42/export", query={"limit": "1000"})[1]
    [line] = [item for item in told_all["items"] if item["kind"] == "message"]
    line["message"] |= {"state": "skipped", "reason": "no_consent", "evidence": {"rule": {"tr": "Niçin", "en": "Why"}}}
    assert "gönderilmedi: Niçin" in person_page(told_all, "tr")
    assert "not sent: Why" in person_page(told_all, "en")
    line["message"] |= {"state": "sent", "reason": None, "evidence": None}
    assert "<td>sent</td>" in person_page(told_all, "en")


def test_the_command_erases_and_shows_the_proof(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Without waiting it says how to follow it; nobody known is one line."""
    assert run(["customer", "erase", "user:42", "--yes", "--no-wait", "--case", "K-1"]) == 0
    out = capsys.readouterr().out
    assert "running" in out
    assert "GET /v1/erasures/" in out
    assert run(["customer", "erase", "user:42", "--json", "--no-wait"]) == 0
    assert json.loads(capsys.readouterr().out)["case"] == "K-1"
    assert run(["customer", "erase", "user:nobody", "--yes"]) == 1
    assert "nobody is known" in capsys.readouterr().err


def test_a_file_is_fetched_by_its_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is gone is none; what the bucket says otherwise is no copy without it."""
    asked: list[str] = []

    class Api:
        def get(self, path: str) -> dict[str, str]:
            asked.append(path)
            return {"url": f"https://bucket.example/{path.rpartition('/')[2]}"}

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        status = {"1": 0, "2": 404, "3": 503}[url[-1]]
        if status:
            raise urllib.error.HTTPError(url, status, "", Message(), None)
        return io.BytesIO(b"png")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    api, message = cast("Any", Api()), {"id": "m" * 26, "conversation": "k" * 13}
    found = _fetch(api, message, 1, tmp_path)
    assert found is not None
    assert found.read_bytes() == b"png"
    assert _fetch(api, message, 2, tmp_path) is None
    with pytest.raises(urllib.error.HTTPError):
        _fetch(api, message, 3, tmp_path)
    assert asked[0] == f"/v1/conversations/{'k' * 13}/files/{'m' * 26}/1"
