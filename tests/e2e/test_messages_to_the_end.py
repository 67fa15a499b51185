"""One customer and one campaign on every channel, by the real links of what was delivered, until nothing more comes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Kervan
from tests.e2e.test_campaign import command
from tests.e2e.test_message_links import outbox
from tests.e2e.test_person import DEFINITIONS, fetch, fields, link_of
from tests.e2e.test_segments import published
from tests.support.https_sender_cases import BROWSER

pytestmark = pytest.mark.e2e
PHONE = "+905321112299"
KINDS = ("email", "sms", "push", "web push")


class Customer:
    """Agreed to every channel; has the app and, later, a browser that takes push messages."""

    def __init__(self, kervan: Kervan, name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.kervan, self.name, self.folder, self.capsys = kervan, name, folder, capsys
        self.numbers = 0
        server = kervan.channel("server")
        traits = {"email": f"{name}@example.com", "phone": PHONE, "firstName": "Deniz", "language": "tr", "city": name}
        server.send("identify", userId=name, traits=traits)
        for channel in ("email", "sms", "push"):
            about = {"channel": channel, "purpose": "marketing"}
            server.send("track", userId=name, event="Consent Granted", properties=about)
        self.device("android", f"token-{name}")

    def device(self, kind: str, token: str) -> None:
        """Opens the app or the page, which reports its push token."""
        channel = self.kervan.channel("mobile" if kind == "android" else "web")
        context = {"device": {"type": kind, "token": token}}
        channel.send("track", userId=self.name, event="Application Opened", context=context)
        self.kervan.settle()

    def campaigns(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Sends the same offer by each of these channels; the messages, sent or not."""
        names = {}
        for kind in kinds:
            self.numbers += 1
            names[kind] = f"offer-{self.numbers}-{self.name}"
            campaign = {
                "campaign": names[kind], "segment": f"of-{self.name}", "send": "win-back", "purpose": "marketing",
                "channels": [kind.rsplit(maxsplit=1)[-1]], "at": "now", "give": {"coupon": "SPRING10", "percent": 10},
            }  # fmt: skip
            file = self.folder / f"{names[kind]}.yaml"
            file.write_text(yaml.safe_dump(campaign))
            command(self.capsys, "campaigns", "schedule", str(file), "--yes")
        self.kervan.advance(timedelta(minutes=2))
        said = {item["journey"]: item for item in self.kervan.messages(f"user:{self.name}")}
        return {kind: said[names[kind]] for kind in kinds}

    def events(self) -> set[str]:
        self.kervan.settle()
        return {item["event"] for item in self.kervan.timeline(f"user:{self.name}")}


def test_on_every_channel_and_then_less_and_then_none(
    kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Delivered by e-mail, SMS, push and web push; opened, clicked, less often chosen, unsubscribed; all of it in the
    timeline; the next messages are skipped, and their reasons name the click that made them. The shop has no caps, so
    that one morning is enough for all of it."""
    with published(tmp_path / "definitions", {f"of-{name}": {"trait": {"name": "city", "is": name}}}, caps={}):
        who = Customer(kervan, name, tmp_path, capsys)
        kervan.advance_until("10:00")
        sent = who.campaigns("email", "sms", "push")
        who.device("web", BROWSER.token.token)
        sent |= who.campaigns("web push")
        assert [one["state"] for one in sent.values()] == ["sent"] * 4
        delivered = {item["message_id"]: item for item in kervan.outbox()}
        to = [delivered[sent[kind]["message_id"]]["to"] for kind in KINDS]
        assert to == [f"{name}@example.com", PHONE, f"token-{name}", BROWSER.token.token]
        assert "http" not in delivered[sent["sms"]["message_id"]]["text"]

        mail = sent["email"]["message_id"]
        outbox(capsys, "open", mail)
        for kind in ("email", "push", "web push"):
            assert outbox(capsys, "click", sent[kind]["message_id"])["leads_to"].startswith("https://shop.example")
        page = link_of(kervan, mail, "/p/")
        fetch(page, {**fields(fetch(page)), "often": "30"})
        skipped = who.campaigns("email")["email"]
        assert (skipped["state"], skipped["reason"]) == ("skipped", "personal_cap")
        assert skipped["evidence"]["found"][0]["message"] == mail
        assert skipped["evidence"]["found"][0]["because"] == "preference_page"

        fetch(link_of(kervan, mail, "/v1/unsubscribe/"))
        assert "Consent Withdrawn" not in who.events()
        fetch(link_of(kervan, mail, "/v1/unsubscribe/"), {"List-Unsubscribe": "One-Click"})
        skipped = who.campaigns("email")["email"]
        assert (skipped["state"], skipped["reason"]) == ("skipped", "no_consent")
        assert skipped["evidence"]["found"][0]["message"] == mail
    assert who.events() >= {
        "Email Sent", "SMS Sent", "Push Sent", "Email Opened", "Email Link Clicked", "Push Link Clicked",
        "Preferences Changed", "Consent Withdrawn",
    }  # fmt: skip


def test_a_phone_signs_up_by_the_code_of_its_text_message(kervan: Kervan, name: str) -> None:
    """The message comes without consent and without a link; the code typed into the form is the consent."""
    version = list(yaml.safe_load(DEFINITIONS.read_text("utf-8"))["consent_texts"])[-1]
    number = f"+9053{int(name, 16) % 10**8:08d}"
    said = {"content-type": "application/json"}
    form = {"phone": number, "text_version": version, "language": "en", "writeKey": kervan.write_keys["web"]}
    status, _, answer = kervan.http("POST", "/v1/subscribe", json.dumps(form).encode(), said)
    assert status == 202
    kervan.settle()
    kervan.advance(timedelta(minutes=2))
    [text] = [item for item in kervan.outbox() if item["to"] == number]
    [code] = re.findall(r"\b[0-9]{6}\b", text["text"])
    statements = f"/v1/customers/phone:{number}/consents"
    assert kervan.api.get(statements)["items"] == []
    for typed, wanted in ((f"{(int(code) + 1) % 10**6:06d}", 400), (code, 200)):
        body = json.dumps({"sign_up": answer["sign_up"], "code": typed}).encode()
        assert kervan.http("POST", "/v1/subscribe/confirm", body, said)[0] == wanted
    kervan.settle()
    shown = [(one["said"], one["channel"], one["text_version"]) for one in kervan.api.get(statements)["items"]]
    assert shown == [("granted", "sms", version)]
    assert code not in json.dumps(kervan.timeline(f"phone:{number}")) + json.dumps(kervan.messages(f"phone:{number}"))


def test_the_status_says_what_ses_said(kervan: Kervan, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked with the first mail."""
    quota = command(capsys, "status")["channels"][0]["quota"]
    assert (quota["per_day"], quota["per_second"], quota["production"]) == (50_000, 14, True)
