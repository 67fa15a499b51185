"""A person chooses limits, asks for a copy, is erased and signs up: links of real mail, and the API."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
import urllib.request
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from cli.main import run
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import leave_cart
from tests.e2e.test_message_links import reminded

pytestmark = pytest.mark.e2e
DEFINITIONS = Path(__file__).resolve().parents[2] / "definitions" / "shop.yaml"
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


def link_of(kervan: Kervan, message: str, part: str) -> str:
    """The address in a mail whose path has this part."""
    [mail] = [item for item in kervan.outbox() if item["message_id"] == message]
    found: list[str] = re.findall(r'https?://[^"\s<>]+', html.unescape(str(mail["html"])))
    return next(url for url in found if part in url)


def fetch(url: str, form: dict[str, str] | None = None) -> str:
    """The page of a GET, or of a POST of a form."""
    body = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=FORM_TYPE), timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content.decode()


def fields(page: str) -> dict[str, str]:
    """What the form of a page sends if nothing is changed."""
    shown: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        said = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if said.get("type") == "hidden" or "checked" in tag:
            shown[said["name"]] = said["value"]
    return shown


def status(kervan: Kervan, path: str) -> int:
    """The HTTP status of a GET with the admin key."""
    return kervan.http("GET", path, headers={"authorization": f"Bearer {kervan.api.key}"})[0]


def test_a_cap_chosen_by_the_customer_is_kept_and_named(kervan: Kervan, name: str) -> None:
    """A cap of one message in 30 days skips the next step, and the reason names the mail. A GET changes nothing."""
    message = reminded(kervan, name)
    page = link_of(kervan, message, "/p/")
    shown = fields(fetch(page))
    assert shown["often"] == "0"
    kervan.settle()
    assert "Preferences Changed" not in {item["event"] for item in kervan.timeline(f"user:{name}")}
    fetch(page, {**shown, "often": "30"})
    kervan.settle()
    kervan.advance(timedelta(hours=24))
    skipped = next(item for item in kervan.messages(f"user:{name}") if item["state"] != "sent")
    assert skipped["reason"] == "personal_cap"
    assert skipped["evidence"]["found"][0]["message"] == message


def test_a_copy_and_an_erasure(kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy holds what was said; after the erasure nobody is known, a late order changes nothing and its sender is
    told; another customer is untouched."""
    other = f"{name}-other"
    leave_cart(kervan, other)
    no = {"channel": "email", "purpose": "marketing"}  # the erasure takes minutes, in which he could be reminded
    kervan.channel("server").send("track", userId=other, event="Consent Withdrawn", properties=no)
    reminded(kervan, name)
    before = kervan.customer(f"user:{other}")
    file = tmp_path / "copy.zip"
    assert run(["customer", "export", f"user:{name}", "--out", str(file)]) == 0
    with zipfile.ZipFile(file) as archive:
        data = json.loads(archive.read("data.json"))
        assert f"{name}@example.com" in archive.read("index.html").decode()
    assert {"Product Added", "Email Sent"} <= {item["event"] for item in data["items"]}
    capsys.readouterr()
    assert run(["customer", "erase", f"user:{name}", "--json", "--case", "K-1"]) == 0
    proof = json.loads(capsys.readouterr().out)
    assert proof["state"] in ("erased", "confirmed")
    assert proof["removed"]["messages"] >= 1
    assert status(kervan, f"/v1/customers/user:{name}") == 404
    kervan.channel("server").post(
        "track", {"userId": name, "event": "Order Completed", "properties": {"order_id": f"late-{name}"}}
    )
    kervan.settle()
    assert status(kervan, f"/v1/customers/user:{name}") == 404
    server = next(item for item in kervan.api.get("/v1/sources")["items"] if item["name"] == "server")
    assert "erased" in {item["reason"] for item in server["refused"]}
    after = kervan.customer(f"user:{other}")
    assert {**after, "journeys": []} == {**before, "journeys": []}


def test_a_sign_up_counts_when_the_mailbox_confirms_it(kervan: Kervan, name: str) -> None:
    """The mail comes without consent; its page grants by POST only; the proof is among the statements."""
    version = next(iter(yaml.safe_load(DEFINITIONS.read_text("utf-8"))["consent_texts"]))
    form = {"email": f"{name}@example.com", "text_version": version, "writeKey": kervan.write_keys["web"]}
    body = json.dumps(form).encode()
    assert kervan.http("POST", "/v1/subscribe", body, {"content-type": "application/json"})[0] == 202
    kervan.settle()
    kervan.advance(timedelta(minutes=2))
    [mail] = [item for item in kervan.outbox() if item["to"] == f"{name}@example.com"]
    link = link_of(kervan, str(mail["message_id"]), "/s/")
    who = f"/v1/customers/email:{name}@example.com/consents"
    fetch(link)
    kervan.settle()
    assert [one["said"] for one in kervan.api.get(who)["items"]] == []
    fetch(link, {})
    kervan.settle()
    assert [(one["said"], one["text_version"]) for one in kervan.api.get(who)["items"]] == [("granted", version)]
