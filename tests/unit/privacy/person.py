"""A person who asks by himself: a browser, a mailbox, and the functions behind the page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from functions.ingest.rights_desk import RightsDesk
from functions.notify.provider_gate import ProviderGate
from functions.notify.rights_mails import RightsMails
from functions.privacy.copying import Copying
from functions.privacy.environment import Environment
from functions.privacy.erasing import Erasing
from functions.privacy.on_queue import respond
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.domain.privacy.self_service import RightsTokens
from shared.domain.templates.content import EmailContent
from shared.ports.sender import Outgoing
from shared.stores.breakers import Breakers
from shared.stores.controls import ControlStore
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.ledger import Ledger
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ListQueue, http_event
from tests.unit.notify.world import FakeSender
from tests.unit.privacy.shop import Context, Shop42

URL = "https://go.shop.example"
ADDRESS = "canary@example.com"


class Links:
    def link(self, place: str, *, name: str, type: str, shown: bool, seconds: int) -> str:  # noqa: A002
        return f"https://bucket.example/{place}?for={seconds}"


class Person:
    """A browser and a mailbox. ``mails`` is the queue to notify, ``outbox`` what came out of it."""

    def __init__(self) -> None:
        self.shop = Shop42()
        world = self.shop.world
        told(world, type="identify", traits={"email": ADDRESS})
        self.shop.fold()
        self.mails, self.work, self.sender = ListQueue(), ListQueue(), FakeSender()
        self.tokens = RightsTokens(b"s" * 64)
        desk = RightsDesk(self.tokens, lambda: self.mails, lambda: self.work, Links)
        world.environment = replace(world.environment, rights=lambda: desk)
        customers, controls = CustomerStore(world.customers), ControlStore(world.catalog)
        self.notify = RightsMails(
            ledger=Ledger(world.messages), customers=customers, controls=controls, shop_name=lambda: "Kervan",
            keys=world.keys, tokens=self.tokens, public_url=URL, sender=self.sender,
            provider=ProviderGate(Breakers(world.catalog, "email", controls)),
        )  # fmt: skip

    def get(self, path: str) -> dict[str, Any]:
        return self.shop.world.answer(http_event("GET", path, None, {}))

    def post(self, path: str, **form: str) -> dict[str, Any]:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.shop.world.answer(http_event("POST", path, None, headers) | {"body": urlencode(form)})

    def read_mails(self) -> list[Outgoing]:
        """What notify sends of the queue."""
        before = len(self.sender.sent)
        for body in self.mails.bodies:
            self.notify.handle(SendRequest.model_validate_json(body), self.shop.world.clock.now())
        self.mails.bodies.clear()
        return self.sender.sent[before:]

    def link(self, address: str = ADDRESS) -> str:
        """The path of the link in the mail."""
        assert self.post("/privacy", email=address)["statusCode"] == 200
        [mail] = self.read_mails()
        assert isinstance(mail.content, EmailContent)
        found = re.search(rf"{URL}(/privacy/\S+)", mail.content.text)
        assert found is not None
        return found[1]

    def code(self, link: str) -> tuple[str, str]:
        """The hidden field of the page, and the digits of the mail."""
        self.shop.world.clock.advance(timedelta(seconds=1))
        page = self.post(link, step="code")["body"]
        [mail] = self.read_mails()
        assert isinstance(mail.content, EmailContent)
        digits = re.search(r"^\d{6}$", mail.content.text, re.MULTILINE)
        assert digits is not None
        return hidden(page, "sent"), digits[0]

    def proof(self, link: str) -> str:
        sent, digits = self.code(link)
        return hidden(self.post(link, step="prove", sent=sent, code=f" {digits[:3]} {digits[3:]}")["body"], "proof")

    def do(self, right: str) -> str:
        """All steps; the page at the end."""
        link = self.link()
        proof = self.proof(link)
        shown = self.post(link, step="choose", proof=proof, right=right)["body"]
        assert f'value="{right}"' in shown
        return str(self.post(link, step="confirm", proof=proof, right=right)["body"])

    def privacy(self) -> None:
        """The function of privacy, on its queue."""
        world = self.shop.world
        copying = Copying(
            world.clock, world.customers, world.messages, world.catalog, world.timers,
            Conversations(world.conversations), world.admin.iys, world.keys, world.environment.phone,
            lambda: self.shop.files,
        )  # fmt: skip
        erasing = Erasing(
            customers=world.customers, messages=world.messages, catalog=world.catalog, stock=self.shop.stock,
            interests=self.shop.interests, conversations=world.conversations, releases=self.releases(),
            keys=world.keys, files=lambda: self.shop.files,
        )  # fmt: skip
        composed = Environment(world.clock, erasing, self.shop.queue, CONFIRM_AFTER, lambda: copying)
        for body in self.work.bodies:
            context = cast("Any", Context(lambda: 300_000))
            assert respond({"Records": [{"messageId": "m", "body": body}]}, context, composed) == {
                "batchItemFailures": []
            }
        self.work.bodies.clear()

    def releases(self) -> Any:
        from shared.stores.releases import Releases

        return Releases(self.shop.world.catalog)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None, page[-1500:]
    return found[1]
