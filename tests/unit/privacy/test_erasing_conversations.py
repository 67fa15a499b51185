"""Erasing what a person wrote to the shop, and what she was answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.privacy.erase_conversations import ConversationErasure
from functions.support.erased_people import ErasedPeople
from functions.support.receiving import Receiving
from shared.adapters.memory import MemoryTable
from shared.domain.conversations.conversation import Channel
from shared.domain.conversations.files import place_of
from shared.domain.conversations.message import Attachment, Inbound
from shared.domain.identity import keys
from shared.domain.identity.identifiers import parse_identifier
from shared.operators.service_levels import no_levels
from shared.ports import Table
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures
from shared.stores.timers import Timers
from tests.support.memory_objects import MemoryObjects
from tests.unit.privacy.shop import MARK, Shop42

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def wrote(shop: Shop42, who: str, id_: str, text: str) -> str:
    """A message of a customer, as the function of support keeps it; the id of its conversation."""
    conversations = Conversations(shop.conversations)
    receiving = Receiving(
        conversations,
        CustomerStore(shop.world.customers),
        shop.world.keys,
        lambda _attempt: None,
        no_levels(Timers(MemoryTable())),
        ErasedPeople(shop.world.customers, Erasures(shop.world.catalog).get),
    )
    home, now = shop.world.keys(parse_identifier(who)), shop.world.clock.now()
    channel: Channel = "email" if who.startswith("email") else "chat"
    inbound = Inbound(channel, id_, home, who, now, text, subject=text, quoted=text)
    file = Attachment("photo.png", "image/png", 7, place_of(inbound.id, 1))
    shop.files.kept[file.place] = text.encode()
    message = receiving.receive(replace(inbound, attachments=(file,)), now)[1]
    assert message is not None
    return message.conversation


def test_what_a_person_wrote_is_erased_and_another_person_s_stays(shop: Shop42) -> None:
    """Whatever call the worker dies at: the conversations of all her identifiers, with answers and marks."""
    for last in range(1, 40, 6):
        shop = Shop42()
        wrote(shop, "user:42", "m1", f"{MARK} question")
        own = wrote(shop, "email:canary@example.com", "m2", f"{MARK} mail")
        theirs = wrote(shop, "user:77", "m3", "theirs")
        status, page = shop.world.get("/v1/customers/user:42/conversations")
        assert (status, len(page["items"]), page["cursor"]) == (200, 2, None)
        assert {one["messages"][0]["text"] for one in page["items"]} == {f"{MARK} question", f"{MARK} mail"}
        _, asked = shop.ask()
        shop.fuse.left = last
        shop.work()
        assert MARK not in shop.everything()
        assert list(shop.files.kept.values()) == [b"theirs"]
        left = Conversations(shop.conversations)
        assert left.get(own) is None
        assert [message.text for message in left.messages(theirs)] == ["theirs"]
        assert {item["pk"].split("#")[0] for item in shop.conversations.items()} == {"conversation", "message", "home"}
        assert len(shop.conversations.items()) == 5
        assert shop.world.get(f"/v1/erasures/{asked['id']}")[1]["removed"]["conversations"] > 0
        assert wrote_refused(shop)


def wrote_refused(shop: Shop42) -> bool:
    """A repetition of the channel is not kept."""
    with suppress(AssertionError):
        wrote(shop, "user:42", "m1", "again")
        return False
    return True


def test_of_a_shared_browser_only_her_words_are_erased(shop: Shop42) -> None:
    """What was said there since it is his is left, also by the second look; the places of her messages stay, empty."""
    early = wrote(shop, "anonymous:laptop", "c1", f"{MARK} hers")
    conversation = Conversations(shop.conversations)
    [hers] = conversation.messages(early)
    told_at = keys.milliseconds(hers.at)
    erasure = ConversationErasure(
        shop.conversations, lambda table, pk, **how: _all_pages(table, pk, **how), lambda: shop.files
    )
    shop.world.clock.advance(timedelta(minutes=5))
    assert wrote(shop, "anonymous:laptop", "c2", "his") == early
    home = shop.world.keys(parse_identifier("anonymous:laptop"))
    assert erasure.erase_before(home, told_at + 1) == 1
    assert [message.text for message in conversation.messages(early)] == ["", "his"]
    assert f"{MARK} hers" not in str(shop.conversations.items())
    first, second = conversation.messages(early)
    assert (first.subject, first.quoted, second.subject) == ("", "", "his")
    assert list(shop.files.kept.values()) == [b"his"]
    [one] = conversation.get_many([early])
    conversation.put([replace(one, subject="his", order_id="his-1", thread=("<his@x>",))])
    assert erasure.erase_before(home, told_at + 1) == 0
    [one] = conversation.get_many([early])
    assert (one.subject, one.order_id, one.thread) == ("his", "his-1", ("<his@x>",))
    assert erasure.erase_before(home, told_at + 1_000_000) >= 2
    assert shop.conversations.items() == [item for item in shop.conversations.items() if item["sk"] == "newest"]


@pytest.mark.parametrize(
    ("head", "gone"),
    [
        (b"From: Canary <Canary@Example.com>\r\nTo: help@shop.example\r\n\r\nhers", True),
        (b"From: a@example.org, canary@example.com\r\n\r\ntwo senders, which nobody takes", True),
        (b"From: list@example.org\r\nReply-To: canary@example.com\r\n\r\nx", True),
        (b"From: other@example.org\r\nTo: canary@example.com\r\n\r\nanother's words", False),
        (b"From: canary@example.com.evil.example\r\n\r\nx", False),
        (b"\xff\x00no mail", False),
        (b"", False),
    ],
)
def test_mails_that_nobody_took_are_erased_with_their_sender(shop: Shop42, head: bytes, gone: bool) -> None:
    """They lie in the bucket without an item that names them."""
    shop.files.kept["mail/m1"] = head
    shop.files.kept["files/x/1"] = head
    shop.ask()
    shop.work()
    assert ("mail/m1" not in shop.files.kept) is gone
    assert "files/x/1" in shop.files.kept


def test_large_mails_of_others_do_not_hold_up_an_erasure(shop: Shop42) -> None:
    """Anybody may send mails that nobody takes, of 40 MB each: of every one the head is read and nothing more."""
    read: list[int] = []

    class Metered(MemoryObjects):
        def fetch(self, key: str, folder: Path) -> Path:
            read.append(len(self.kept[key]))
            return super().fetch(key, folder)

        def beginning(self, key: str, size: int) -> bytes:
            read.append(len(super().beginning(key, size)))
            return super().beginning(key, size)

    shop.files = Metered()
    for number in range(20):
        shop.files.kept[f"mail/{number}"] = b"From: a@example.org, b@example.org\r\n\r\n" + b"x" * 1_000_000
    shop.files.kept["mail/hers"] = b"From: canary@example.com, b@example.org\r\n\r\nhers"
    shop.ask()
    shop.work()
    assert len(shop.files.kept) == 20
    assert (len(read), sum(read) < 20 * 70_000) == (21, True)


def _all_pages(table: Table, pk: str, **how: Any) -> Iterator[list[dict[str, Any]]]:
    yield table.query(pk, **how).items
