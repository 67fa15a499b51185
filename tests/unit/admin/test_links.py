"""Every link is explained and can be undone, with nothing lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit

USER = "/v1/customers/user:42"
BROWSER = "/v1/customers/anonymous:a-1"
WHY = {"owner": "user:42", "reason": "her brother's laptop"}


def say(world: World, path: str, body: Any, key: str | None = ADMIN_KEY) -> tuple[int, Any]:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return world.send(http_event("POST", path, body, headers))


def life(world: World, *, linked: bool) -> None:
    """A browser that shops signed out; a customer who orders; and, if ``linked``, a sign-in that ties the two."""
    told(world, WEB_KEY, userId=None, anonymousId="a-1", event="Product Added", messageId="1",
         properties={"product_id": "p1", "price": 10, "name": "Şal"}, context={"timezone": "Asia/Tokyo"})  # fmt: skip
    told(world, STORE_KEY, event="Order Completed", messageId="2", properties={"order_id": "o1", "total": 20})
    met = {"anonymousId": "a-1"} if linked else {}
    told(world, WEB_KEY, type="identify", messageId="3", traits={"name": "Ayşe"}, **met)
    told(world, WEB_KEY, userId=None, anonymousId="a-1", event="Product Viewed", messageId="4",
         properties={"product_id": "p2"})  # fmt: skip
    fold(world)


def bare(path: str, world: World) -> str:
    """A customer as JSON, its processing times aside."""
    status, found = world.get(path)
    assert status == 200
    found["segments"] = sorted(found["segments"])
    return json.dumps(found)


def lines(path: str, world: World) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.get(f"{path}/timeline")[1]["items"]
    return items


@pytest.fixture
def world() -> World:
    world = World()
    life(world, linked=True)
    return world


def test_a_link_tells_by_which_event_it_was_made(world: World) -> None:
    """Each identifier of a customer shows its owner, since when, and the event with its source."""
    user, browser = world.get(f"{BROWSER}/links")[1]["items"]
    assert (user["identifier"], user["owner"], user["links"]) == ("user:42", None, [])
    assert (browser["identifier"], browser["owner"], browser["contested_from"]) == ("anonymous:a-1", "user:42", None)
    (link,) = browser["links"]
    assert (link["owner"], link["state"], link["trusted"], link["verdict"]) == ("user:42", "current", False, None)
    assert link["since"] == "2026-11-22T10:02:00.000Z"
    (said,) = link["said"]
    assert said["event"] | {"received_at": "-"} == {
        "event": "Identified", "type": "identify", "messageId": "3", "time": "2026-11-22T10:02:00.000Z",
        "received_at": "-", "source": "web", "channel": "web", "identifiers": ["user:42", "anonymous:a-1"],
    }  # fmt: skip


def test_after_a_release_the_two_have_never_met(world: World) -> None:
    """Both are byte for byte the customers of a world without the sign-in; the timelines differ by the release."""
    apart = World()
    life(apart, linked=False)
    assert bare(USER, world) != bare(USER, apart)
    status, answer = say(world, f"{BROWSER}/release", WHY)
    assert (status, answer["child"], answer["owner_then"]) == (202, "anonymous:a-1", None)
    assert "taken from user:42" in answer["will"]
    fold(world)
    for path in (USER, BROWSER):
        assert bare(path, world) == bare(path, apart)
        release, *rest = lines(path, world)
        assert (release["event"], release["source"], release["trusted"]) == ("Link Released", "admin", True)
        assert release["properties"]["reason"] == "her brother's laptop"
        for line in rest:  # the sign-in names the browser, as it did
            line["identifiers"] = line["identifiers"][:1]
        assert rest == lines(path, apart)


def test_a_released_link_stays_explained_on_both_sides(world: World) -> None:
    """Who was released, by whom, when and why is told by either customer, and the event that made the link."""
    say(world, f"{BROWSER}/release", WHY)
    fold(world)
    of_user = world.get(f"{USER}/links")[1]["items"]
    of_browser = world.get(f"{BROWSER}/links")[1]["items"]
    assert [item["identifier"] for item in of_user] == ["user:42", "anonymous:a-1"]
    assert of_user[1] | {"member": True} == of_browser[0]
    assert (of_user[1]["member"], of_user[1]["owner"]) == (False, None)
    (link,) = of_user[1]["links"]
    assert (link["state"], link["verdict"]["word"], link["verdict"]["reason"]) == (
        "released",
        "released",
        WHY["reason"],
    )
    assert link["verdict"]["event"]["source"] == "admin"
    assert link["said"][0]["event"]["messageId"] == "3"


def test_relink_brings_everything_back(world: World) -> None:
    """After a relink the customer is byte for byte what it was before the release."""
    before = bare(USER, world)
    say(world, f"{BROWSER}/release", WHY)
    fold(world)
    assert bare(USER, world) != before
    status, answer = say(world, f"{BROWSER}/relink", WHY | {"reason": "hers after all"})
    assert (status, answer["owner_then"]) == (202, "user:42")
    fold(world)
    assert bare(USER, world) == before == bare(BROWSER, world)
    (link,) = world.get(f"{USER}/links")[1]["items"][1]["links"]
    assert (link["state"], link["verdict"]["word"], link["verdict"]["reason"]) == (
        "current",
        "restored",
        "hers after all",
    )


def test_words_in_one_moment_are_in_the_order_that_they_were_said(world: World) -> None:
    """Release, relink, release within a millisecond, not folded in between: the last one holds."""
    for word in ("release", "relink", "release"):
        assert say(world, f"{BROWSER}/{word}", WHY)[0] == 202
    fold(world)
    assert world.get(f"{USER}/links")[1]["items"][1]["member"] is False
    say(world, f"{BROWSER}/relink", WHY)
    fold(world)
    assert world.get(f"{USER}/links")[1]["items"][1]["member"] is True


def test_a_word_that_is_said_again_is_the_same_word(world: World) -> None:
    """With a messageId a retry makes no second event, even after the word was taken back."""
    for _ in range(2):
        assert say(world, f"{BROWSER}/release", WHY | {"messageId": "ticket-7"})[0] == 202
        world.clock.advance(timedelta(minutes=1))
    fold(world)
    assert len([line for line in lines(BROWSER, world) if line["event"] == "Link Released"]) == 1
    say(world, f"{BROWSER}/relink", WHY)
    fold(world)
    linked = bare(USER, world)
    say(world, f"{BROWSER}/release", WHY | {"messageId": "ticket-7"})
    fold(world)
    assert bare(USER, world) == linked


def test_the_next_owner_is_told(world: World) -> None:
    """If another owner's claim stands behind the released one, the answer names it."""
    told(world, STORE_KEY, userId="43", anonymousId="a-1", event="Cart Viewed")
    fold(world)
    browser = world.get(f"{BROWSER}/links")[1]["items"]
    held = next(item for item in browser if item["identifier"] == "anonymous:a-1")
    assert (held["owner"], held["contested_from"]) == ("user:43", "2026-11-22T10:04:00.000Z")
    assert [(link["owner"], link["state"]) for link in held["links"]] == [
        ("user:43", "current"),
        ("user:42", "outranked"),
    ]
    assert say(world, f"{BROWSER}/release", WHY | {"owner": "user:43"})[1]["owner_then"] == "user:42"
    fold(world)
    held = world.get(f"{USER}/links")[1]["items"][1]
    assert (held["owner"], held["contested_from"]) == ("user:42", None)


def test_the_copy_of_a_person_names_nobody_else(world: World) -> None:
    """Whose claim stands behind a shared browser is told to operators, and not to the person."""
    told(world, STORE_KEY, userId="43", anonymousId="a-1", event="Cart Viewed")
    fold(world)
    assert "user:42" in json.dumps(world.get("/v1/customers/user:43/links")[1])
    links = world.get("/v1/customers/user:43/export")[1]["links"]
    assert [item["identifier"] for item in links] == ["user:43", "anonymous:a-1"]
    assert [link["owner"] for link in links[1]["links"]] == ["user:43"]
    assert "user:42" not in json.dumps(links)


def test_an_event_without_a_time_is_found(world: World) -> None:
    """A link made by an event that lies in the slot of those without a time is explained all the same."""
    told(world, STORE_KEY, timestamp=None, messageId="untimed", event="Cart Viewed",
         context={"externalIds": [{"type": "loyalty", "id": "L7"}]})  # fmt: skip
    fold(world)
    loyalty = world.get(f"{USER}/links")[1]["items"][1]
    assert loyalty["identifier"] == "loyalty:L7"
    assert loyalty["links"][0]["said"][0]["event"]["messageId"] == "untimed"


def test_links_come_page_by_page(world: World) -> None:
    """Pages of one, released ones included, are the whole list."""
    for card in ("L1", "L2"):
        told(world, STORE_KEY, event="Cart Viewed", context={"externalIds": [{"type": "loyalty", "id": card}]})
    fold(world)
    say(world, "/v1/customers/loyalty:L1/release", WHY)
    fold(world)
    whole = world.get(f"{USER}/links")[1]["items"]
    assert len(whole) == 4
    paged: list[Any] = []
    cursor = None
    while True:
        page = world.get(f"{USER}/links", query={"limit": "1"} | ({"cursor": cursor} if cursor else {}))[1]
        paged += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert paged == whole
    assert world.get(f"{USER}/links", query={"cursor": "WyJsaW5rcyIsMV0"})[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{BROWSER}/release", None, 400),
        (f"{BROWSER}/release", "[]", 400),
        (f"{BROWSER}/release", {"owner": "user:42"}, 400),
        (f"{BROWSER}/release", WHY | {"reason": " "}, 400),
        (f"{BROWSER}/release", WHY | {"reason": "x" * 501}, 400),
        (f"{BROWSER}/release", '{"owner": "user:42", "reason": "\\ud800"}', 400),
        (f"{BROWSER}/release", WHY | {"owner": 42}, 400),
        (f"{BROWSER}/release", WHY | {"owner": "42"}, 400),
        (f"{BROWSER}/release", WHY | {"messageId": "x" * 101}, 400),
        (f"{BROWSER}/release", WHY | {"force": True}, 400),
        (f"{BROWSER}/release", "[" * 100_000, 400),
        (f"{BROWSER}/release", WHY | {"owner": "user:43"}, 409),
        (f"{BROWSER}/relink", WHY | {"owner": "user:43"}, 409),
        ("/v1/customers/anonymous:nobody/release", WHY, 409),
        (f"{USER}/release", WHY | {"owner": "anonymous:a-1"}, 409),
        ("/v1/customers/nonsense/release", WHY, 400),
        (f"{BROWSER}/unlink", WHY, 405),
        (BROWSER, WHY, 405),
    ],
)
def test_words_that_say_nothing(world: World, path: str, body: Any, status: int) -> None:
    """A broken word is one clear sentence and no event."""
    before = len(world.customers.items())
    found, answer = say(world, path, body)
    assert found == status
    assert answer["message"]
    assert len(world.customers.items()) == before


@pytest.mark.parametrize("word", ["release", "relink"])
def test_words_are_said_by_post(world: World, word: str) -> None:
    """A GET changes nothing and says so."""
    assert world.get(f"{BROWSER}/{word}")[0] == 405


@pytest.mark.parametrize(("key", "status"), [(WEB_KEY, 403), (STORE_KEY, 403), ("guessed", 401), (None, 401)])
def test_only_the_admin_key_undoes_links(world: World, key: str | None, status: int) -> None:
    """No write key, trusted or not, says a word through this path or reads a link."""
    for word in ("release", "relink"):
        assert say(world, f"{BROWSER}/{word}", WHY, key)[0] == status
    assert world.get(f"{USER}/links", key=key)[0] == status
    fold(world)
    assert world.get(f"{USER}/links")[1]["items"][1]["member"] is True
