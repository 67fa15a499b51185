"""A console over tables in memory, and a browser that keeps cookies."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from functions.console.api import route
from functions.console.conversation_desk import Desk
from functions.console.cookies import Cookies
from functions.console.environment import Environment
from functions.console.oidc import Provider
from functions.console.sessions import Session, Sessions
from functions.console.stock_desk import StockTables, composed
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.domain.conversations.message import Message
from shared.domain.identity.console_link import ConsoleLinks
from shared.http.request import read_request
from shared.operators.agent_actions import AgentActions
from shared.operators.service_levels import ServiceLevels
from shared.operators.stock.environment import People
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.service_rules import PublishedServiceRules
from shared.stores.stock_events import Notices
from shared.stores.timers import Timers
from tests.support.memory_objects import MemoryObjects
from tests.unit.ingest.world import StoppedClock, World

SECRET = b"s" * 64
URL = "https://go.shop.example/console"
SENDS = ("email", "sms", "push")
"""Channels by which answers go out."""
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


class Links:
    """Addresses of files, with all that they were asked with."""

    def link(self, place: str, *, name: str, type: str, shown: bool, seconds: int) -> str:  # noqa: A002
        return f"https://bucket.example/{place}?name={name}&type={type}&shown={shown}&seconds={seconds}"


class MemoryQueue:
    """A queue whose messages are kept."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)


class Letters:
    """A queue of dead letters."""

    def __init__(self) -> None:
        self.count = 0

    def waiting(self) -> int:
        return self.count


class ConsoleWorld(World):
    """``url`` says whether it is a laptop's (http) or a deployment's."""

    def __init__(self, url: str = URL, provider: Provider | None = None) -> None:
        super().__init__()
        self.wall = StoppedClock(datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
        self.sessions = Sessions(SECRET)
        self.handed: list[Message] = []
        self.dry_runs = MemoryQueue()
        self.letters: dict[str, Letters] = {"email": Letters(), "segment-work": Letters()}
        conversations, customers = Conversations(self.conversations), CustomerStore(self.customers)
        agents = AgentActions(
            conversations,
            customers,
            Timers(self.timers),
            self.keys,
            self.handed.append,
            SENDS,
            lambda _attempt: None,
            ServiceLevels(
                PublishedServiceRules(self.catalog, lambda: self.clock.time.timestamp()), Timers(self.timers)
            ),
        )
        self.bucket = MemoryObjects()
        self.desk = Desk(self.clock, conversations, agents, Links, LiquidRenderer(), lambda: self.bucket)
        self.stock, self.products = MemoryTable(indexes=INDEXES["stock"]), MemoryTable(indexes=INDEXES["products"])
        people = People(self.keys, self.environment.phone, Notices(self.stock, self.customers, self.keys))
        tables = StockTables(self.stock, self.products, self.timers, self.catalog)
        elapsed = lambda: self.clock.time.timestamp()  # noqa: E731 - the clock of the test stands for both
        self.stock_desk = composed(tables, self.clock, lambda: people, elapsed, lambda _attempt: None)
        self.console = Environment(
            clock=self.clock,
            wall=self.wall,
            customers=self.customers,
            messages=self.messages,
            catalog=self.catalog,
            timers=self.timers,
            metrics=self.metrics,
            iys=self.admin.iys,
            audiences=self.admin.audiences,
            keys=self.keys,
            phone=self.environment.phone,
            sessions=self.sessions,
            cookies=Cookies(secure=url.startswith("https://")),
            url=url,
            provider=provider,
            links=None if url.startswith("https://") else ConsoleLinks(SECRET),
            desk=lambda: self.desk,
            stock=lambda: self.stock_desk,
            letters=lambda: self.letters,
            reports=lambda: None,
            dry_runs=lambda: self.dry_runs,
        )

    def browser(self, *roles: str) -> Browser:
        """Of somebody who is signed in with these roles; without roles of nobody."""
        browser = Browser(self)
        if roles:
            session = Session.new("sub-1", "deniz@shop.example", roles, self.wall.now())
            browser.cookies[self.console.cookies.name("session")] = self.sessions.make(session)
        return browser


class Answer:
    """What a browser got; ``text`` is unpacked."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.status: int = raw["statusCode"]
        self.headers: Mapping[str, str] = raw["headers"]
        self.cookies: list[str] = list(raw.get("cookies", []))
        body = base64.b64decode(raw["body"]) if raw["isBase64Encoded"] else raw["body"].encode()
        self.transferred = len(body)
        self.text = (gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body).decode()

    @property
    def form_token(self) -> str:
        found = _TOKEN.search(self.text)
        assert found is not None
        return found[1]


class Browser:
    def __init__(self, world: ConsoleWorld) -> None:
        self.world = world
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **headers: str) -> Answer:
        return self._ask("GET", address, "", headers)

    def post(self, address: str, form: Mapping[str, str], **headers: str) -> Answer:
        """The fields as they are: no token is added."""
        return self._ask("POST", address, urlencode(form), headers)

    def post_files(self, address: str, form: Mapping[str, str], files: list[tuple[str, bytes]]) -> Answer:
        """A form with files, as browsers send it."""
        parts = [(f'name="{name}"', value.encode()) for name, value in form.items()]
        parts += [(f'name="files"; filename="{name}"\r\nContent-Type: x/y', content) for name, content in files]
        raw = b"".join(
            f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
            for head, content in parts
        )
        body = base64.b64encode(raw + b"--b--\r\n").decode()
        return self._ask("POST", address, body, {"content_type": "multipart/form-data; boundary=b"}, encoded=True)

    def submit(self, page: str, address: str, form: Mapping[str, str] | None = None) -> Answer:
        """As somebody who opened a page and sent a form of it."""
        return self.post(address, {**(form or {}), "form_token": self.get(page).form_token})

    def _ask(
        self, method: str, address: str, body: str, headers: Mapping[str, str], *, encoded: bool = False
    ) -> Answer:
        parts = urlsplit(address)
        event = {
            "rawPath": parts.path,
            "requestContext": {"http": {"method": method}, "stage": "$default"},
            "headers": {"accept-encoding": "gzip", **{name.replace("_", "-"): text for name, text in headers.items()}},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "queryStringParameters": dict(parse_qsl(parts.query, keep_blank_values=True)),
            "body": body,
            "isBase64Encoded": encoded,
        }
        answer = Answer(route(read_request(event), lambda: self.world.console))
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer
