"""What operators set, and links in inboxes that people have not used yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.domain.connectors.feed import Pull
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.preferences import Preference
from shared.domain.identity.customer_token import TokenKeys, sign
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.reputation import Feedback, Suspension
from shared.operators.publishing import save_draft
from shared.stores.console_changes import Changes, read_change
from shared.stores.customers import CustomerStore
from shared.stores.digests import Digests
from shared.stores.drafts import Drafts
from shared.stores.feeds import Feeds, put_feed
from shared.stores.ledger import write_record
from shared.stores.preference_items import preference_items
from shared.stores.push_key import PushKey, put_push_key
from shared.stores.releases import Releases
from shared.stores.reputation import Reports, Suspensions
from shared.stores.retention_log import RetentionLog, Walk
from shared.stores.senders import ProviderIds, Senders
from shared.stores.soft_bounces import SoftBounceStore
from shared.stores.token_issuers import allow
from shared.stores.withdrawal_pointers import SHARDS, Pointers, first_mark
from tests.flow.releases.scene import Scene
from tests.unit.connectors.test_feeds import GOOGLE
from tests.unit.ingest.test_altered_tokens import ask, tokens
from tests.unit.ingest.test_message_links import a_record
from tests.unit.ingest.test_sms_hooks import hooked
from tests.unit.ingest.test_subscribe import world as shop_with_texts
from tests.unit.ingest.test_subscribe_code import code_of, confirm, granted, sign_up
from tests.unit.ingest.world import ADMIN_KEY, NOW, STORE_KEY, World, http_event

SECRET = b"s" * 64
KEY = {"authorization": f"Bearer {ADMIN_KEY}"}
NEW = {"segment": "new", "who": {"orders": {"first": {"within": "7d"}}}}
MONTH, ADDRESS = f"{NOW:%Y-%m}", "e.address"
DAY = timedelta(days=1)


def new() -> World:
    return hooked(shop_with_texts())


def play(world: World) -> dict[str, Any]:
    """In inboxes: links of a message and the code of a sign-up; in a browser: a token of the shop."""
    catalog = world.catalog
    name = sign_up(world)
    code = code_of(world)
    world.messages.put(write_record(a_record(world)))
    put_push_key(catalog, "BPublic")
    put_feed(catalog, GOOGLE)
    generation = allow(catalog, "store", NOW)
    save_draft(catalog, "segment", NEW, NOW, "deniz@shop.example", version=0)
    with Changes(catalog).noting(NOW, "deniz@shop.example", "segment/new", "draft", {"name": "new"}):
        pass
    assert world.send(http_event("PUT", "/v1/controls", {"shadow": True}, KEY))[0] == 200
    Suspensions(catalog, "email").suspend(Suspension(NOW, "bounces", Feedback(1000, 60, 1)))
    reports = Reports(world.metrics, "email")
    reports.count("bounced", NOW)
    reports.is_new("bounced", ADDRESS, NOW)
    Digests(catalog, world.clock).change("2026-10", "open", "mailing")
    RetentionLog(catalog).put(Walk(NOW, shard=3, cursor="", counts={"orders": 2}, day=f"{NOW:%Y-%m-%d}", today=1))
    ProviderIds(world.messages).note("operator", "op-1", "m-1", NOW)
    SoftBounceStore(world.customers).change(ADDRESS, lambda held: held.with_bounce(1, "b"))
    Feeds(catalog).put(GOOGLE.feed, Pull("ok", NOW, NOW, NOW + DAY, etag="e1", products=5, written=2, same=3))
    home = world.keys(parse_identifier("user:42"))
    world.customers.put_many(preference_items([home], Preference(NOW, "p-1", one_in_days=7, language="tr")))
    withdrawn = Consent("email", "marketing", False, NOW, NOW, False, "web", "w-1", ADDRESS, public=True)
    Pointers(world.metrics).put([ConsentRecord((home, ADDRESS), withdrawn)])
    ask(world, "/o/{}.gif".format(tokens(world)["/o/{}.gif"]), "GET")
    secret = TokenKeys(SECRET).signing_secret("store", generation)
    return {
        "links": tokens(world), "sign_up": name, "code": code,
        "token": sign("store", secret, "user:42", NOW, DAY),
    }  # fmt: skip


def answers(world: World, carried: Any) -> dict[str, Any]:
    catalog, elapsed = world.catalog, lambda: world.clock.time.timestamp()
    pages = {path: ask(world, path.format(token), "GET")["statusCode"] for path, token in carried["links"].items()}
    told = ask(world, "/l/{}".format(carried["links"]["/l/{}"]), "GET")["headers"]
    home = world.keys(parse_identifier("user:42"))
    preferences = CustomerStore(world.customers).control(home).preferences
    pull = Feeds(catalog).last(GOOGLE.feed)
    gateway, soft = Senders(catalog, elapsed).gateway("operator"), SoftBounceStore(world.customers).get(ADDRESS)
    suspension, walk = Suspensions(catalog, "email").read()[0], RetentionLog(catalog).current()
    return {
        "pages": pages,
        "the click leads to": told["location"],
        "refused": ask(world, "/v1/unsubscribe/{}".format(carried["links"]["/v1/unsubscribe/{}"]), "POST")[
            "statusCode"
        ],
        "log": [one.name for one in world.events_of("user:42")],
        "whose token": world.environment.issuers.subject(carried["token"]),
        "before the code": granted(world),
        "the code": confirm(world, carried["sign_up"], carried["code"])[0],
        "after the code": granted(world),
        "push key": PushKey(catalog, elapsed)(),
        "gateway": gateway and gateway.sender,
        "feeds": [feed.feed for feed in Feeds(catalog).all()],
        "pull": pull and [pull.state, pull.etag, pull.products, pull.same],
        "preference": [said.one_in_days for said in preferences],
        "drafts": [[draft.key, draft.by, draft.version] for draft in Drafts(catalog).all()],
        "changes": [read_change(item).what for item in Changes(catalog).page(MONTH, 10).items],
        "channels": world.get("/v1/channels"),
        "switches": world.get("/v1/controls"),
        "sources": [[one["name"], one["trust"]] for one in world.get("/v1/sources")[1]["items"]],
        "suspension": suspension and [suspension.because, suspension.found.bounced],
        "bounces": Reports(world.metrics, "email").since(NOW - DAY, NOW + DAY).bounced,
        "the same bounce": Reports(world.metrics, "email").is_new("bounced", ADDRESS, NOW),
        "digest": Digests(catalog, world.clock).state("2026-10"),
        "retention": walk and [walk.shard, walk.day, walk.today, dict(walk.counts)],
        "of the operator": ProviderIds(world.messages).message_id("operator", "op-1"),
        "soft": soft and sorted(soft.bounces),
        "withdrawals": [
            [one.owner == home, one.address]
            for shard in range(SHARDS)
            for one in Pointers(world.metrics).page("web", NOW, NOW + DAY, behind=first_mark(shard), most=5)[0]
        ],
        "consent texts": sorted(Releases(catalog).consent_texts()),
        "a key works": world.post("/v1/track", {"userId": "42", "event": "Product Viewed"}, STORE_KEY)[0],
    }


OPERATORS = Scene(
    "operators",
    new,
    lambda world: {
        "customers": world.customers, "messages": world.messages, "catalog": world.catalog,
        "metrics": world.metrics, "timers": world.timers,
    },
    play,
    answers,
)  # fmt: skip
