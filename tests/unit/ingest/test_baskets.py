"""Cart and wishlist in sync: the same on every channel, for whoever may see them, and for nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.identity.customer_token import TokenKeys, sign
from shared.stores.token_issuers import allow, forbid
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit

SHIRT = {
    "product_id": "p1", "name": "Keten gömlek", "price": 899.9, "currency": "TRY", "quantity": 2, "variant": "M",
    "image_url": "https://shop.example/p1.jpg", "url": "https://shop.example/p1",
}  # fmt: skip
SECRET = TokenKeys(b"s" * 64).signing_secret("store", 1)
CLAIMS: dict[str, Any] = {"sub": "user:42", "iat": 1795341600, "exp": 1795341600 + 3600}
"""Signed at the world's 10:00, good for an hour."""


@pytest.fixture
def world() -> World:
    """Ayşe puts a shirt into the cart on the phone, wishes for socks, and signs in at the desktop."""
    world = World()
    allow(world.catalog, "store", world.clock.now())
    told(world, WEB_KEY, userId=None, anonymousId="a-1", event="Product Added", properties={"product_id": "p9"})
    told(world, WEB_KEY, context={"device": {"id": "phone"}}, event="Product Added", properties=SHIRT)
    told(world, WEB_KEY, event="Product Added to Wishlist", properties={"product_id": "p2", "name": "Çorap"})
    told(world, WEB_KEY, userId=None, anonymousId="desktop", event="Product Added", properties={"product_id": "p3"})
    told(world, WEB_KEY, type="identify", anonymousId="desktop")
    fold(world)
    return world


def ask(world: World, key: str | None, name: str = "cart", **query: str) -> tuple[int, Any]:
    return world.get(f"/v1/{name}", key=key, query=query)


def token(subject: str = "user:42", **changed: Any) -> str:
    return jwt({"alg": "HS256", "typ": "JWT", "kid": "store"}, CLAIMS | {"sub": subject} | changed)


def jwt(header: Any, claims: Any, secret: str = SECRET) -> str:
    """Signed by hand, as any library does it."""

    def part(content: Any) -> str:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def test_one_cart_on_every_channel(world: World) -> None:
    """Who signs in on another device sees the same cart, with price, variant and image, whoever asks for it."""
    answers = [
        ask(world, STORE_KEY, user="42"),
        ask(world, STORE_KEY, identifier="user:42"),
        ask(world, token()),
        ask(world, ADMIN_KEY, user="42"),
    ]
    assert all(answer == answers[0] for answer in answers)
    status, cart = answers[0]
    assert status == 200
    assert cart["items"][0] == SHIRT | {"updated_at": "2026-11-22T10:01:00.000Z"}
    assert cart["items"][1] == {
        "product_id": "p3", "quantity": 1, "name": None, "price": None, "currency": None, "variant": None,
        "image_url": None, "url": None, "updated_at": "2026-11-22T10:03:00.000Z",
    }  # fmt: skip
    assert cart["updated_at"] == "2026-11-22T10:03:00.000Z"
    wishes = ask(world, token(), "wishlist")[1]
    assert [(line["product_id"], line["name"]) for line in wishes["items"]] == [("p2", "Çorap")]
    assert wishes["updated_at"] == "2026-11-22T10:02:00.000Z"


@pytest.mark.parametrize("subject", ["anonymous:desktop", "device:phone"])
def test_a_browser_sees_itself_and_not_the_person(world: World, subject: str) -> None:
    """An anonymous token, or a server that asks for a browser, sees what was done on it signed out: not the tree."""
    expected = ["p3"] if subject == "anonymous:desktop" else []
    for status, cart in (ask(world, token(subject)), ask(world, STORE_KEY, identifier=subject)):
        assert status == 200
        assert [line["product_id"] for line in cart["items"]] == expected
    assert ask(world, token(subject), "wishlist")[1] == {"items": [], "updated_at": None}


def test_who_is_not_known_yet_has_an_empty_cart(world: World) -> None:
    """The first visit is no error."""
    assert ask(world, token("user:new")) == (200, {"items": [], "updated_at": None})


def test_an_unchanged_cart_is_not_sent_again(world: World) -> None:
    """The answer has a tag; with it the next one is 304 without a body, until the cart changes. No cache keeps it."""

    def get(**headers: str) -> dict[str, Any]:
        return world.answer(http_event("GET", "/v1/cart", None, {"Authorization": f"Bearer {token()}"} | headers))

    first = get()
    assert first["headers"]["cache-control"] == "private, no-store"
    tag = first["headers"]["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        again = get(**{"If-None-Match": known})
        assert (again["statusCode"], again["body"], again["headers"]["etag"]) == (304, "", tag)
    told(world, WEB_KEY, event="Product Removed", properties={"product_id": "p1"})
    fold(world)
    changed = get(**{"If-None-Match": tag})
    assert (changed["statusCode"], changed["headers"]["etag"] != tag) == (200, True)


@pytest.mark.parametrize(("key", "status"), [(WEB_KEY, 403), ("guessed", 401), (None, 401), ("", 401), ("a.b.c", 401)])
@pytest.mark.parametrize("name", ["cart", "wishlist"])
def test_a_public_key_reads_nothing(world: World, name: str, key: str | None, status: int) -> None:
    """What everybody can read in the shop's page opens no cart, not even with the customer's name."""
    found, answer = ask(world, key, name, user="42")
    assert (found, "message" in answer, "items" in answer) == (status, True, False)
    event = http_event("GET", f"/v1/{name}", None, {"authorization": "Basic " + base64.b64encode(b"web-key:").decode()})
    assert world.send(event | {"queryStringParameters": {"user": "42"}})[0] == 403


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [
        (STORE_KEY, {}, 400),
        (STORE_KEY, {"user": "42", "identifier": "user:42"}, 400),
        (STORE_KEY, {"user": "null"}, 400),
        (STORE_KEY, {"identifier": "42"}, 400),
        (token(), {"user": "42"}, 400),
        (token(), {"identifier": "user:43"}, 400),
        (token("42"), {}, 400),
    ],
)
def test_broken_questions(world: World, key: str, query: dict[str, str], status: int) -> None:
    """Each is one sentence."""
    found, answer = ask(world, key, **query)
    assert (found, bool(answer["message"])) == (status, True)


HEADER = {"alg": "HS256", "kid": "store"}
FORGED = {
    "no algorithm": jwt({"alg": "none", "kid": "store"}, CLAIMS),
    "no algorithm, no signature": jwt({"alg": "none", "kid": "store"}, CLAIMS).rpartition(".")[0] + ".",
    "another algorithm": jwt({"alg": "RS256", "kid": "store"}, CLAIMS),
    "spelled differently": jwt({"alg": "hs256", "kid": "store"}, CLAIMS),
    "a list of algorithms": jwt({"alg": ["HS256"], "kid": "store"}, CLAIMS),
    "critical": jwt(HEADER | {"crit": ["exp"]}, CLAIMS),
    "no source": jwt({"alg": "HS256"}, CLAIMS),
    "an unknown source": jwt({"alg": "HS256", "kid": "server"}, CLAIMS),
    "another's secret": jwt(HEADER, CLAIMS, TokenKeys(b"s" * 64).signing_secret("server", 1)),
    "an old secret": jwt(HEADER, CLAIMS, TokenKeys(b"s" * 64).signing_secret("store", 0)),
    "the write key": jwt(HEADER, CLAIMS, STORE_KEY),
    "an empty secret": jwt(HEADER, CLAIMS, ""),
    "expired": jwt(HEADER, CLAIMS | {"exp": CLAIMS["iat"] + 240}),
    "too long": jwt(HEADER, CLAIMS | {"exp": CLAIMS["iat"] + 86_401}),
    "from the future": jwt(HEADER, CLAIMS | {"iat": CLAIMS["iat"] + 1_000}),
    "not yet": jwt(HEADER, CLAIMS | {"nbf": CLAIMS["iat"] + 1_000}),
    "for ever": jwt(HEADER, {"sub": "user:42", "iat": CLAIMS["iat"]}),
    "since ever": jwt(HEADER, {"sub": "user:42", "exp": CLAIMS["exp"]}),
    "true is no time": jwt(HEADER, CLAIMS | {"exp": True}),
    "text is no time": jwt(HEADER, CLAIMS | {"exp": str(CLAIMS["exp"])}),
    "endless": jwt(HEADER, b'{"sub":"user:42","iat":0,"exp":Infinity}'),
    "not a number": jwt(HEADER, b'{"sub":"user:42","iat":NaN,"exp":NaN}'),
    "nobody": jwt(HEADER, {"iat": CLAIMS["iat"], "exp": CLAIMS["exp"]}),
    "several": jwt(HEADER, CLAIMS | {"sub": ["user:42"]}),
    "no object": jwt(HEADER, [1]),
    "deep": jwt(HEADER, b"[" * 1_200),
    "long": jwt(HEADER, CLAIMS | {"x": "y" * 2_000}),
    "padded": token() + "=",
    "another letter": token()[:-1] + ("A" if token()[-1] != "A" else "B"),
    "four parts": token() + ".x",
    "letters": token().replace(".", ".ğ", 1),
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_forged_and_broken_tokens_open_nothing(world: World, name: str) -> None:
    """Whatever is wrong with a token, the answer is 401 and one sentence that repeats nothing of it."""
    status, answer = ask(world, FORGED[name])
    assert (status, answer["error"]) == (401, "unauthorized")
    assert "user:42" not in answer["message"]


@settings(max_examples=200, deadline=None)
@given(
    place=st.integers(0, len(token()) - 1),
    letter=st.sampled_from("ABCDabcd0123-_.=ğ "),
)
def test_no_letter_of_a_token_can_be_changed(place: int, letter: str) -> None:
    """Any one letter changed, anywhere, makes the token worthless."""
    world = _empty()
    good = token()
    changed = good[:place] + letter + good[place + 1 :]
    assert ask(world, changed)[0] == (200 if changed == good else 401)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80).map(lambda text: f"{text}.") | st.binary(max_size=60).map(lambda raw: jwt(HEADER, raw)))
def test_any_token_is_answered(text: str) -> None:
    """Any text in place of a token is 401, signed nonsense too; never an exception."""
    assert ask(_empty(), text)[0] == 401


def _empty() -> World:
    world = World()
    allow(world.catalog, "store", world.clock.now())
    return world


def test_a_renewed_or_forbidden_secret_ends_its_tokens(world: World) -> None:
    """A minute after the secret is renewed the old tokens open nothing and new ones do; then after forbidding, none."""
    old = token()
    assert ask(world, old)[0] == 200
    assert allow(world.catalog, "store", world.clock.now()) == 1
    assert allow(world.catalog, "store", world.clock.now(), renew=True) == 2
    world.clock.advance(timedelta(minutes=2))
    assert ask(world, old)[0] == 401
    new = sign(
        "store", TokenKeys(b"s" * 64).signing_secret("store", 2), "user:42", world.clock.now(), timedelta(hours=1)
    )
    assert ask(world, new)[0] == 200
    assert forbid(world.catalog, "store")
    assert not forbid(world.catalog, "store")
    world.clock.advance(timedelta(minutes=2))
    assert ask(world, new)[0] == 401
    assert allow(world.catalog, "store", world.clock.now()) == 3


def test_the_catalog_holds_no_secret(world: World) -> None:
    """What lies in the catalog opens nothing: neither a key nor a signing secret is in it."""
    kept = json.dumps(world.catalog.items(), default=str)
    assert SECRET not in kept
    assert STORE_KEY not in kept


@pytest.mark.parametrize("name", ["cart", "wishlist"])
def test_baskets_are_got(world: World, name: str) -> None:
    """Nothing is posted here, a browser may ask from the shop's origin, and there is nothing below."""
    assert world.send(http_event("POST", f"/v1/{name}", {}, {}))[0] == 405
    preflight = world.answer(http_event("OPTIONS", f"/v1/{name}", None, {}))
    assert preflight["statusCode"] == 204
    assert "authorization" in preflight["headers"]["access-control-allow-headers"]
    assert world.get(f"/v1/{name}/more")[0] == 404
