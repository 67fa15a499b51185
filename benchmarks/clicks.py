"""What a click and an open cost: requests and units of who sends the recipient on and records it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW, SECRET
from benchmarks.rows import Row
from functions.ingest.message_links import MessageLinkPages, Reactions, Visitor
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.message_links.message_link import LinkTokens, MessageLink
from shared.domain.messages.message import Record, Sent, State
from shared.stores.ledger import write_record
from shared.stores.short_links import ShortLinks

PART = "clicks"
PEOPLE = 2_000
BROWSER = Visitor("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", "192.0.2.7")


@dataclass(slots=True)
class Mails:
    """One message each to many people, and the pages behind its links."""

    customers: MemoryTable
    messages: MemoryTable
    tokens: LinkTokens
    pages: MessageLinkPages


def rows(people: int = PEOPLE) -> Iterator[Row]:
    """A click of each person, and again five minutes later; an open; a link of a text message."""
    url = "https://shop.example/p/keten-gomlek?utm_source=kervan"
    mails = _sent(people)
    links = [MessageLink(f"m-{person}", 1, url) for person in range(people)]
    tokens = [mails.tokens.make(link) for link in links]
    mails.pages.short.put_all([(mails.tokens.short(link), link) for link in links], NOW)
    later = NOW + timedelta(minutes=5)
    yield from _row(mails, "a click", people, lambda n: mails.pages.click("GET", tokens[n], BROWSER, NOW))
    yield from _row(
        mails, "the same click again", people, lambda n: mails.pages.click("GET", tokens[n], BROWSER, later)
    )
    pixels = [mails.tokens.pixel(link.message_id) for link in links]
    yield from _row(mails, "an open", people, lambda n: mails.pages.open("GET", pixels[n], BROWSER, NOW))
    names = [mails.tokens.short(link) for link in links]
    evening = NOW + timedelta(hours=8)
    yield from _row(
        mails, "a link of a text message, again", people,
        lambda n: mails.pages.short_click("GET", names[n], BROWSER, evening),
    )  # fmt: skip


def _row(mails: Mails, what: str, people: int, act: Callable[[int], dict[str, object]]) -> Iterator[Row]:
    for table in (mails.customers, mails.messages):
        table.usage.reset()
    began = time.process_time()
    for person in range(people):
        if act(person)["statusCode"] not in (200, 302):
            raise AssertionError(f"{what} was refused")
    seconds = time.process_time() - began
    used = [mails.customers.usage, mails.messages.usage]
    requests, read, write = (
        sum(getattr(one, name) for one in used) / people for name in ("requests", "read_units", "write_units")
    )
    dollars = prices.of_units(read=read, write=write)
    yield Row(PART, f"{what}: requests", requests, "")
    yield Row(PART, f"{what}: read units", read, "RU")
    yield Row(PART, f"{what}: write units", write, "WU", dollars=dollars)
    yield Row(PART, f"{what}: processor time", seconds / people * 1000, "ms", note="tables in memory")


def _sent(people: int) -> Mails:
    customers, messages = MemoryTable(indexes=INDEXES["customers"]), MemoryTable(indexes=INDEXES["messages"])
    home = KEYS(parse_identifier("user:42"))
    for person in range(people):
        record = Record(
            message_id=f"m-{person}", state=State.SENT, home=home, root=home, enrollment="e", journey="cart-recovery",
            release=1, step="reminder", template="cart-reminder", purpose="marketing", channel="email", due_ms=0,
            clock_ms=0, decided_at=NOW, updated_at=NOW, revision=1, outcome=Sent(NOW, "ses-1"),
        )  # fmt: skip
        messages.put(write_record(record))
    tokens = LinkTokens(SECRET)
    pages = MessageLinkPages(tokens, ShortLinks(messages), Reactions(customers, messages, KEYS))
    return Mails(customers, messages, tokens, pages)
