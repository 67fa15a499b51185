"""Ayşe asks by a link of her mailbox: she gets her ZIP, then she is erased from everything that the stack stores."""

from __future__ import annotations

import io
import json
import re
import secrets
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from cli import paths
from cli.catalog import catalog_table
from cli.deployment.sender_secrets import put_sender_secret
from cli.local import deploy, server
from cli.main import run
from shared.domain.connectors.connector import Connector
from shared.domain.privacy.data_map import DATA_MAP
from shared.stores.connectors import put_connector
from tests.e2e.conftest import Kervan
from tests.e2e.test_connected_shop import SECRET, deliver
from tests.e2e.test_conversations import agents, wrote
from tests.e2e.test_dry_run import Browser
from tests.e2e.test_lake import compact
from tests.e2e.test_message_links import outbox
from tests.e2e.test_person import fetch, fields, status
from tests.support.canaries import found, text_of, text_of_object

pytestmark = pytest.mark.e2e
CAPTURED = "SESv2 SendEmail"
"""The emulator notes to whom it would have mailed; SES keeps no such log."""
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Ayse:
    """One person with forty values that nobody else has; ``shop``: a connected shop that knows her too."""

    kervan: Kervan
    name: str
    shop: str
    order: dict[str, Any] = field(default_factory=dict)

    def mark(self, number: int) -> str:
        return f"cnry{self.name}n{number:02d}"

    @property
    def marks(self) -> set[str]:
        return {self.phone.removeprefix("+90"), *(self.mark(number) for number in range(1, 40))}

    @property
    def email(self) -> str:
        return f"{self.mark(2)}@example.com"

    @property
    def phone(self) -> str:
        return f"+90535{int(self.name, 16) % 10**7:07d}"

    def come(self) -> None:
        """Account, consents, web and app; she leaves a cart."""
        self._account()
        self._channels()
        self.kervan.settle()

    def go_on(self) -> None:
        """Orders in the store and in a connected shop, mistakes of those who report, a conversation."""
        self._orders()
        self._mistakes()
        self.kervan.settle()
        self._conversation()

    def _account(self) -> None:
        server = self.kervan.channel("server")
        m = self.mark
        address = {"street": m(3), "city": m(4), "postalCode": m(5)}
        server.send(
            "identify", userId=m(1), traits={
                "email": self.email, "phone": self.phone, "firstName": m(6), "lastName": m(7), "address": address,
                "shoe": m(8), "language": "tr",
            },
            context={"externalIds": [{"type": "loyalty", "id": m(9)}, {"type": "instagram", "id": m(10)}]},
        )  # fmt: skip
        yes = {"channel": "email", "purpose": "marketing", "text_version": m(11), "address": self.email}
        server.send("track", userId=m(1), event="Consent Granted", properties=yes)
        no = {"channel": "push", "purpose": "marketing", "origin": m(12)}
        server.send("track", userId=m(1), event="Consent Withdrawn", properties=no)

    def _channels(self) -> None:
        kervan, m = self.kervan, self.mark
        web, mobile = kervan.channel("web"), kervan.channel("mobile")
        page = {"url": f"https://shop.example/{m(13)}", "referrer": f"https://{m(14)}.example/", "title": m(15)}
        campaign = {"campaign": {"name": m(16), "source": "x"}, "userAgent": m(17), "page": page}
        web.send("page", anonymousId=m(18), name=m(19), properties={"search": m(20)}, context=campaign)
        web.send("identify", userId=m(1), anonymousId=m(18), traits={"nick": m(21)})
        web.send("track", userId=m(1), anonymousId=m(18), event="Product Added", properties=self._line())
        web.send("track", userId=m(1), event="Product Added to Wishlist", properties={"product_id": m(25)})
        device = {"id": m(26), "type": "ios", "token": m(27), "name": m(28)}
        mobile.send("screen", userId=m(1), name="Home", context={"device": device})

    def _line(self) -> dict[str, Any]:
        m = self.mark
        return {"product_id": m(22), "name": m(23), "price": 10, "quantity": 1, "category": m(24)}

    def _orders(self) -> None:
        kervan, m = self.kervan, self.mark
        order = {"order_id": m(29), "total": 5, "coupon": m(30), "products": [self._line()], "note": m(31)}
        by_card = {"externalIds": [{"type": "loyalty", "id": m(9)}]}
        kervan.channel("store").send("track", event="Order Completed", properties=order, context=by_card)
        at = kervan.now().isoformat()
        self.order.update({
            "id": secrets.randbelow(10**9), "name": f"#{m(32)}", "email": self.email, "created_at": at,
            "updated_at": at, "currency": "TRY", "total_price": "10.00", "line_items": [],
            "customer": {"first_name": m(33), "email": self.email},
        })  # fmt: skip
        assert deliver(kervan, self.shop, "orders/create", self.order)[0] == 200

    def _mistakes(self) -> None:
        kervan, m = self.kervan, self.mark
        assert deliver(kervan, self.shop, "orders/create", self.order | {"note": m(34)}, "guessed")[0] == 401
        key = {**JSON, "authorization": f"Bearer {kervan.write_keys['server']}"}
        bad = [{"type": m(35), "userId": m(1)}, {"type": "track", "userId": m(1), "event": "Order Completed",
               "messageId": secrets.token_hex(8), "properties": {"order_id": m(36), "total": m(37)}}]  # fmt: skip
        kervan.http("POST", "/v1/batch", json.dumps({"batch": bad}).encode(), key)
        kervan.http("POST", "/v1/track", f"{{{m(38)}".encode(), key)

    def _conversation(self) -> None:
        """By mail, with the answer of an agent; her message has her words."""
        conversation = wrote(self.kervan, "email", f"email:{self.email}", f"Merhaba {self.mark(39)}")
        seen = agents(self.kervan).get(f"/v1/conversations/{conversation}")["seen"]
        reply = {"seen": seen, "channel": "email", "text": f"Cevap {self.mark(39)}", "agent": "deniz", "key": "k"}
        agents(self.kervan).post(f"/v1/conversations/{conversation}/replies", reply)
        self.kervan.settle()

    def mail(self, path: str) -> str:
        """The newest mail to her that has this in it."""
        mails = [item for item in self.kervan.outbox() if item["to"] == self.email and path in item["text"]]
        return str(mails[-1]["text"])


@pytest.fixture
def ayse(kervan: Kervan, name: str) -> Ayse:
    shop = f"rights-{name}"
    catalog = catalog_table("local")
    put_connector(catalog.table, Connector(connector=shop, platform="shopify", currency="TRY"))
    put_sender_secret("local", "hooks", f"shop-{shop}", "secret", SECRET)
    catalog.use_at_once()
    return Ayse(kervan, name, shop)


def test_she_gets_her_copy_and_is_erased_from_everything(
    kervan: Kervan, ayse: Ayse, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Link, code, ZIP; then erasure, while events still arrive. The proof is in the command and in the console; of
    forty values none is left, another person's data are as before, and a late order changes nothing."""
    kervan.advance_until("10:00")
    other = Ayse(kervan, secrets.token_hex(4), ayse.shop)
    people = (ayse, other)
    for one in people:
        one.come()
    kervan.advance(timedelta(hours=1, minutes=5))
    for one in people:
        reminder = next(item for item in kervan.outbox() if item["to"] == one.email)
        outbox(capsys, "open", str(reminder["message_id"]))
        one.go_on()
    texts = dict(stored(kervan))
    there = found(ayse.marks, texts.values())
    assert len(there) >= 33, ayse.marks - there  # what was refused, and what of devices is not kept, was never there
    before = _of(kervan, other)

    link, proof = _prove(ayse)
    page = fetch(link, {"step": "confirm", "proof": proof, "right": "export"})
    case = fields(page)["case"]
    kervan.settle()
    page = fetch(link, {"step": "state", "proof": proof, "case": case})
    _check_copy(ayse, re.findall(r'href="(http[^"]+)" rel', page)[0].replace("&amp;", "&"))

    said = fetch(link, {"step": "choose", "proof": proof, "right": "erase"})
    assert "geri alınamaz" in said
    case = re.findall(r"\d{8}T\d{6}Z-\w+", fetch(link, {"step": "confirm", "proof": proof, "right": "erase"}))[-1]
    for number in range(20):  # they arrive while it works
        kervan.channel("server").send("track", userId=ayse.mark(1), event="Looked", properties={"mark": ayse.mark(8)},
                                      messageId=f"during-{name}-{number}")  # fmt: skip
    kervan.settle()
    deliver(kervan, ayse.shop, "orders/updated", ayse.order | {"note": "late"})
    kervan.channel("store").send("track", userId=ayse.mark(1), event="Order Completed",
                                 properties={"order_id": ayse.mark(29)})  # fmt: skip
    kervan.settle()
    compact(kervan)

    _check_proof(kervan, case, capsys)
    left = {place: marks for place, text in stored(kervan) if (marks := found(ayse.marks, [text]))}
    assert left == {}
    assert status(kervan, f"/v1/customers/user:{ayse.mark(1)}") == 404
    assert len(before) >= 15
    assert before.items() <= _of(kervan, other).items()


def _prove(ayse: Ayse) -> tuple[str, str]:
    """The link of the mail, and what proves her on its page."""
    kervan = ayse.kervan
    fetch(f"{kervan.endpoint}/privacy", {"email": ayse.email})
    kervan.settle()
    link = re.findall(r"https?://\S+(/privacy/\S+)", ayse.mail("/privacy/"))[0]
    link = kervan.endpoint + link
    sent = fields(fetch(link, {"step": "code"}))["sent"]
    kervan.settle()
    mails = [item["text"] for item in kervan.outbox() if item["to"] == ayse.email]
    code = re.findall(r"^\d{6}$", "\n".join(mails), re.MULTILINE)[-1]
    return link, fields(fetch(link, {"step": "prove", "sent": sent, "code": code}))["proof"]


def _check_copy(ayse: Ayse, url: str) -> None:
    """It holds what she said on every channel, for programs and to read."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the emulator's own address
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    data, page = archive.read("data.json").decode(), archive.read("index.html").decode()
    hers = [ayse.mark(number) for number in (1, 6, 7, 9, 13, 18, 22, 23, 26, 27, 29, 32, 39)]
    assert [mark for mark in hers if mark not in data] == []
    assert [mark for mark in (ayse.email, ayse.mark(6), ayse.mark(29)) if mark not in page] == []
    assert {"Product Added", "Order Completed", "Email Sent"} <= {one["event"] for one in json.loads(data)["items"]}
    assert json.loads(data)["conversations"]


def _check_proof(kervan: Kervan, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the command and in the console: done in time, by her, and what was deleted."""
    capsys.readouterr()
    assert run(["privacy", "case", case, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["in_time"], told["log"][-1]["by"]) == ("done", True, "person")
    proof = kervan.api.get(f"/v1/erasures/{told['erasure']}")
    assert proof["state"] in ("erased", "confirmed")
    assert {"events", "messages", "conversations", "facts", "links"} <= proof["removed"].keys()
    assert run(["console", "url", "--role", "privacy", "--json"]) == 0
    browser = Browser(json.loads(capsys.readouterr().out)["url"])
    assert case in browser.get(f"/console/rights/{case}")[1]


def stored(kervan: Kervan) -> Iterator[tuple[str, str]]:
    """Everything that the stack stores, by place: tables, buckets, queues, logs, metrics."""
    base = kervan.stack.base
    for table in sorted({one.table for one in DATA_MAP}):
        for item in kervan.stack.items(f"Table{table.capitalize()}"):
            yield f"{table} {item['pk']} {item['sk']}", text_of(item)
    s3 = deploy.client(base, "s3")
    for bucket in (one["Name"] for one in s3.list_buckets()["Buckets"]):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for one in page.get("Contents", ()):
                content = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                yield f"{bucket} {one['Key']}", one["Key"] + text_of_object(content)
    sqs = deploy.client(base, "sqs")
    for queue in sqs.list_queues().get("QueueUrls", ()):
        waiting = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        yield queue, str(waiting.get("Messages", ""))
    lines = paths.path(server.LOG).read_text(errors="replace").splitlines()
    yield "log", "\n".join(line for line in lines if CAPTURED not in line)
    logs = deploy.client(base, "logs")
    for group in logs.describe_log_groups()["logGroups"]:
        told = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        yield group["logGroupName"], "\n".join(event["message"] for event in told)
    yield "metrics", str(deploy.client(base, "cloudwatch").list_metrics()["Metrics"])


def _of(kervan: Kervan, one: Ayse) -> dict[str, str]:
    """What a person said, to the byte: events, statements of consent and claims. Journeys and facts go on meanwhile."""
    return {
        f"{item['pk']} {item['sk']}": str(sorted(item.items()))
        for item in kervan.stack.items("TableCustomers")
        if item["sk"].startswith(("t#", "consent#", "claim")) and found(one.marks, [text_of(item)])
    }
