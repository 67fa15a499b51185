"""Marked values of one person in every table, queue and file, and in the log: after an erasure there are none, whatever
call the worker dies at, and whatever arrives meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER
from tests.support.backfills import Fuse
from tests.support.canaries import found, text_of
from tests.support.memory_objects import MemoryObjects
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import WEB_KEY
from tests.unit.privacy.planted import items_of, plant
from tests.unit.privacy.shop import MARK, Shop42, marked

pytestmark = pytest.mark.unit
CALLS = 240
"""At least as many as an erasure of the planted person makes."""


class FusedObjects(MemoryObjects):
    """A bucket whose calls burn a fuse."""

    def __init__(self, fuse: Fuse, kept: dict[str, bytes]) -> None:
        super().__init__()
        self.kept, self.fuse = kept, fuse

    def fetch(self, key: str, folder: Path) -> Path:
        file = super().fetch(key, folder)
        self.fuse.burn()
        return file

    def beginning(self, key: str, size: int) -> bytes:
        head = super().beginning(key, size)
        self.fuse.burn()
        return head

    def delete(self, keys: Iterable[str]) -> None:
        super().delete(keys)
        self.fuse.burn()


def planted() -> Shop42:
    shop = Shop42()
    plant(shop)
    shop.files = FusedObjects(shop.fuse, shop.files.kept)
    shop.files.kept["mail/m2"] = b"From: other@example.org\r\n\r\ntheirs"
    return shop


def stored(shop: Shop42) -> list[str]:
    """Everything that is kept anywhere: items, files with their names, bodies in queues."""
    queues = (shop.world.erasures, shop.queue, shop.register, shop.world.iys_tasks)
    bodies = [str(queue.bodies) for queue in queues] + [str(shop.queue.later)]
    files = [f"{name} {content!r}" for name, content in shop.files.kept.items()]
    return [*(text_of(item) for _, item in items_of(shop)), *files, *bodies]


def theirs(shop: Shop42) -> dict[tuple[str, str, str], object]:
    """What names the other person, but for the laptop that he shares with her: from now on it is his."""
    home, laptop = (shop.world.keys(parse_identifier(one)) for one in ("user:77", "anonymous:laptop"))
    return {
        place: item
        for place, item in items_of(shop)
        if place[1:] not in {(laptop, "claim"), (home, f"owns#{laptop}")} and home in text_of(item)
    }


def through(shop: Shop42) -> None:
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()


def check(last: int) -> None:
    """She is erased by a worker that dies after this call, and events of hers come in right then."""
    shop = planted()
    before = theirs(shop)
    hers = [shop.world.keys(parse_identifier(one)) for one in ("user:42", "anonymous:own-browser")]
    shop.ask()
    shop.fuse.left = last
    shop.work()
    told(shop.world, event="Product Viewed", properties=marked("during"))
    told(shop.world, WEB_KEY, userId=None, anonymousId="own-browser", event="Product Viewed", properties=marked("web"))
    shop.fold(only=hers)
    through(shop)
    assert found([MARK, "user:42"], stored(shop)) == set()
    assert theirs(shop) == before
    assert list(shop.files.kept) == [one for one in shop.files.kept if b"theirs" in shop.files.kept[one]]


def test_an_erasure_makes_no_more_calls_than_are_tried() -> None:
    """So that each of them is one at which the worker dies."""
    shop = planted()
    assert len(found([f"{MARK}-"], stored(shop))) == 1
    assert sum(text.count(MARK) for text in stored(shop)) > 400
    shop.ask()
    shop.fuse.calls = 0
    through(shop)
    assert CALLS - 60 < shop.fuse.calls <= CALLS, shop.fuse.calls


@pytest.mark.parametrize("last", range(7, CALLS, 31))
def test_no_mark_is_left_whatever_call_it_dies_at(last: int, caplog: pytest.LogCaptureFixture) -> None:
    """Another person's items are as before, to the byte; no log line holds a mark."""
    caplog.set_level(logging.DEBUG)
    check(last)
    assert found([MARK, "user:42", "own-browser"], caplog.messages) == set()


@pytest.mark.long
def test_no_mark_is_left_at_any_call() -> None:
    """Each call, one after the other."""
    for last in range(1, CALLS):
        check(last)
