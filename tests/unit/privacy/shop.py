"""Two customers in memory, one of whom will be erased, and the worker that does it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

from functions.privacy.environment import Environment
from functions.privacy.erase_in_lake import LakeErasure
from functions.privacy.erase_letters import LetterErasure
from functions.privacy.erasing import Erasing
from functions.privacy.on_queue import respond
from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.memory_letters import MemoryLetterQueue
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.facts.encoding import decode
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.ports import Table
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from shared.stores.interests import Interests
from shared.stores.ledger import REACTION
from shared.stores.releases import Releases
from tests.support.backfills import Fuse, FusedTable
from tests.support.interleaving import Crash
from tests.support.memory_objects import MemoryObjects
from tests.support.world import SEGMENTS, Rules, Timers
from tests.unit.admin.test_questions import told
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import ADMIN_KEY, WEB_KEY, ListQueue

MARK = "canary"


class Shop42:
    """Ayşe is user:42, with a browser of her own, an address, a push token and a mail; Can is user:77. Both signed in
    on one laptop, first she."""

    def __init__(self) -> None:
        mail = Mail()
        self.world = mail.world
        world = self.world
        Releases(world.catalog).publish(Release(0, Shop(name="Kervan"), segments=SEGMENTS))
        world.messages.put({"pk": REACTION + mail.id, "sk": "click#person", "since": 1})
        self.interests = MemoryTable()
        told(world, WEB_KEY, userId=None, anonymousId="laptop", event="Product Viewed", properties=marked("viewed"))
        told(world, WEB_KEY, userId=None, anonymousId="own-browser", type="page", name="Home")
        told(
            world,
            anonymousId="own-browser",
            type="identify",
            traits={"email": "canary@example.com", **marked("traits")},
        )
        told(world, WEB_KEY, anonymousId="laptop", event="Product Added", properties=marked("cart"))
        told(world, event="Order Completed", properties={"order_id": "canary-1", "total": 5, **marked("order")})
        told(world, event="Consent Granted", properties={"channel": "email", "address": "canary@example.com"})
        told(world, event="Consent Withdrawn", properties={"channel": "email", "address": "canary@example.com"})
        told(world, event="Opened", context={"device": {"id": "d-1", "type": "ios", "token": "canary-token"}})
        told(world, WEB_KEY, userId="77", anonymousId="laptop", event="Product Added", properties={"product_id": "p7"})
        told(world, WEB_KEY, userId=None, anonymousId="laptop", event="Product Viewed", properties={"product_id": "p8"})
        told(world, userId="77", event="Order Completed", properties={"order_id": "theirs", "total": 7})
        self.fold()
        self.queue = ListQueue()
        self.stock = MemoryTable(indexes=INDEXES["stock"])
        self.conversations = self.world.conversations
        self.fuse = Fuse()
        self.lake: LakeErasure | None = None
        self.files = MemoryObjects()
        self.register = ListQueue()
        self.letters = MemoryLetterQueue()

    def segmentation(self) -> Segmentation:
        store = CustomerStore(self.world.customers)
        return Segmentation(store, Timers(), self.world.keys, Rules(), interests=Interests(self.interests))

    def fold(self, *, only: Collection[str] = ()) -> int:
        """All of the log, or that of these identifiers; how many events were refused."""
        batches: dict[str, Batch] = {}
        for item in self.world.customers.items():
            if item["sk"].startswith("t#") and (not only or item["pk"] in only):
                batches.setdefault(item["pk"], Batch(item["pk"])).events.append(read_event(item))
        return len(self.segmentation().fold(list(batches.values()), self.world.clock.now()))

    def ask(self, who: str = "user:42") -> tuple[int, Any]:
        return self.world.post(f"/v1/customers/{who}/erasure", {"case": "KVKK-1"}, ADMIN_KEY)

    def work(self, left: Callable[[], int] = lambda: 300_000) -> None:
        """Everything that waits in the queue, until nothing does; who dies comes again."""
        customers, messages, catalog, stock, interests, conversations = (
            cast("Table", FusedTable(table, self.fuse))
            for table in (
                self.world.customers,
                self.world.messages,
                self.world.catalog,
                self.stock,
                self.interests,
                self.conversations,
            )
        )
        releases = Releases(self.world.catalog)
        erasing = Erasing(
            customers=customers,
            messages=messages,
            catalog=catalog,
            stock=stock,
            interests=interests,
            conversations=conversations,
            releases=releases,
            keys=self.world.keys,
            files=lambda: self.files,
            lake=self.lake,
            iys=self.register,
            letters=LetterErasure([self.letters], self.world.keys, self.world.environment.phone),
        )
        composed = Environment(self.world.clock, erasing, self.queue, CONFIRM_AFTER)
        waiting = self.world.erasures.bodies + self.queue.bodies + [body for body, _ in self.queue.later]
        self.world.erasures.bodies, self.queue.bodies, self.queue.later = [], [], []
        for body in waiting:
            event = {"Records": [{"messageId": "m", "body": body}]}
            while not _done(event, left, composed):
                pass

    def everything(self) -> str:
        """All that is stored, readable."""
        world = self.world
        tables = (world.customers, world.messages, world.catalog, world.metrics, self.stock, self.interests)
        return "\n".join(readable(item) for table in (*tables, self.conversations) for item in table.items())

    def tree(self, who: str) -> Tree:
        return load_tree(CustomerStore(self.world.customers), self.world.keys(parse_identifier(who)))

    def of(self, who: str) -> dict[str, Any]:
        """The items of one identifier's partition."""
        key = self.world.keys(parse_identifier(who))
        return {item["sk"]: item for item in self.world.customers.items() if item["pk"] == key}


def _done(event: dict[str, Any], left: Callable[[], int], composed: Environment) -> bool:
    """False if the worker died, or wants the message again."""
    try:
        return not respond(event, cast("Any", Context(left)), composed)["batchItemFailures"]
    except Crash:
        return False


class Context:
    def __init__(self, left: Callable[[], int]) -> None:
        self.get_remaining_time_in_millis = left


def marked(place: str) -> dict[str, Any]:
    """Eight values that must be found nowhere afterwards."""
    return {f"field{number}": f"{MARK}-{place}-{number}" for number in range(8)} | {"product_id": f"{MARK}-{place}"}


def readable(item: dict[str, Any]) -> str:
    if item["sk"].startswith("t#"):
        return f"{item['pk']} {item['sk']} {read_event(item)}"
    if item["sk"].startswith("facts"):
        return f"{item['pk']} {item['sk']} {decode(item['data'])}"
    return str(item)
