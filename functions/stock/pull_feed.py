"""Pulls a feed of products: what has changed since the last pull is written, and only that (docs/connectors.md#feeds).

A pull that is cut off, by its time or by a crash, goes on at the next tick: what was taken is known by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from functions.stock.feed_rows import google_rows, shop_rows
from shared.adapters.guarded_https import GuardedHttps, HttpsAnswer, NeverLeft, NoAnswer, TooMuch
from shared.adapters.product_feed import FeedRow, Reading, UnreadableFeed
from shared.domain.connectors.feed import (
    LEAST,
    MOST_BYTES,
    MOST_PRODUCTS,
    MOST_REFUSALS,
    RETRY,
    Feed,
    Pull,
    Refusal,
    State,
)
from shared.domain.products.product import Product, ProductRefused, read_product
from shared.stores.feeds import FeedRows, Feeds, row_digest
from shared.stores.products import Products

LEASE = timedelta(minutes=16)
"""Longer than the function may run: nobody else pulls the feed meanwhile, and after a crash somebody does."""
AT_ONCE = 100
PAGES_NOTED = 10
"""After so many pages it is noted how far a pull is: if the function dies, the next one begins there."""
SECONDS = 120.0
"""For one download."""


class _Failed(Exception):
    """The pull cannot go on; the word says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class _Changed:
    """A product that says something new, the digest of what the feed says, and fields that the feed does not have."""

    product: Product
    digest: bytes
    keeps: frozenset[str]


@dataclass(slots=True)
class _Tally:
    page: int = 1
    products: int = 0
    written: int = 0
    same: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    turns_at: datetime | None = None

    def refuse(self, place: int, id_: str, problem: str) -> None:
        self.refused += 1
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals.append(Refusal(place, id_[:100], problem[:200]))


@dataclass(frozen=True, slots=True)
class FeedPuller:
    """``folder`` takes what is downloaded; ``time_left`` says whether the next hundred products still fit."""

    feeds: Feeds
    products: Products
    https: GuardedHttps
    folder: Path
    now: Callable[[], datetime]

    def pull(self, feed: Feed, time_left: Callable[[], bool]) -> Pull | None:
        """Pull a feed if it is due, and note what became of it; None if it is not due."""
        started, last = self.now(), self.feeds.last(feed.feed)
        if last is not None and started < last.next_at:
            return None
        known = last if last is not None and last.definition == feed.digest else None
        whole = known if known is not None and known.state in ("ok", "not_modified") else None
        if whole is not None and whole.turns_at is not None and whole.turns_at <= started:
            whole = None  # what it says is the same, what it means is not
        tally, rows = _Tally(page=known.page if known is not None and known.state == "unfinished" else 1), None
        self._claim(feed, started, tally.page)
        state: State = "ok"
        failure, head, digest = "", HttpsAnswer(200, {}, b""), ""
        try:
            source, head, digest = self._source(feed, whole, started, tally.page)
            if source is None and whole is not None:
                return self._note(feed, replace(whole, state="not_modified"), started)
            rows = self.feeds.rows(feed.feed)
            if source is not None and not self._take(feed, source, rows, tally, started, time_left):
                state = "unfinished"
        except _Failed as why:
            state, failure = "failed", why.word
        except UnreadableFeed:
            state, failure = "failed", "unreadable"
        if rows is not None:
            self.feeds.put_rows(rows)
        found = Pull(
            state, started, started, started, etag=head.headers.get("etag", "")[:300] if state == "ok" else "",
            last_modified=head.headers.get("last-modified", "")[:100] if state == "ok" else "",
            digest=digest if state == "ok" else "", products=tally.products, written=tally.written, same=tally.same,
            refused=tally.refused, refusals=tuple(tally.refusals), failure=failure, turns_at=tally.turns_at,
            page=tally.page if state == "unfinished" else 1, definition=feed.digest,
        )  # fmt: skip
        return self._note(feed, found, started)

    def _claim(self, feed: Feed, started: datetime, page: int) -> None:
        """Nobody else pulls it now; if this function dies, the next one goes on with the page."""
        claim = Pull("unfinished", started, started, started + LEASE, page=page, definition=feed.digest)
        self.feeds.put(feed.feed, claim)

    def _note(self, feed: Feed, pull: Pull, started: datetime) -> Pull:
        ended = self.now()
        waits = {"unfinished": timedelta(), "failed": min(RETRY, feed.span)}.get(pull.state, feed.span)
        following = ended + waits
        if pull.turns_at is not None and pull.state in {"ok", "not_modified"}:
            following = min(following, max(pull.turns_at, ended + LEAST))
        noted = replace(pull, started_at=started, ended_at=ended, next_at=following)
        self.feeds.put(feed.feed, noted)
        return noted

    def _source(
        self, feed: Feed, whole: Pull | None, now: datetime, page: int
    ) -> tuple[Iterator[FeedRow | int] | None, HttpsAnswer, str]:
        """The products, the head of the answer and the digest of the file; no products if nothing has changed."""
        if feed.form != "google":
            room = [MOST_BYTES]
            first = max(1, page - 1)  # once more the page before: new products may have moved the others on
            return shop_rows(feed, lambda url: self._page(url, room), first), HttpsAnswer(200, {}, b""), ""
        asked = {"accept-encoding": "gzip"}
        if whole is not None and whole.etag:
            asked["if-none-match"] = whole.etag
        elif whole is not None and whole.last_modified:
            asked["if-modified-since"] = whole.last_modified
        file = self.folder / f"{feed.feed}.feed"
        head = self._download(feed.url, asked, file, MOST_BYTES)
        if head.status == 304 and whole is not None:
            return None, head, whole.digest
        if head.status != 200:
            raise _Failed(f"status_{head.status}")
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if whole is not None and whole.digest == digest:
            return None, head, digest
        return google_rows(file, Reading(now, feed.columns)), head, digest

    def _page(self, url: str, room: list[int]) -> Path:
        file = self.folder / "page.json"
        head = self._download(url, {"accept": "application/json"}, file, room[0])
        if head.status != 200:
            raise _Failed(f"status_{head.status}")
        room[0] -= file.stat().st_size
        return file

    def _download(self, url: str, headers: dict[str, str], file: Path, at_most: int) -> HttpsAnswer:
        try:
            with file.open("wb") as target:
                return self.https.download(url, headers, target, at_most=at_most, seconds=SECONDS)
        except TooMuch as large:
            raise _Failed("too_large") from large
        except (NeverLeft, NoAnswer) as silent:
            raise _Failed(str(silent) or type(silent).__name__) from silent

    def _take(
        self, feed: Feed, source: Iterator[FeedRow | int], rows: FeedRows, tally: _Tally, at: datetime,
        time_left: Callable[[], bool],
    ) -> bool:  # fmt: skip
        """Write what the last pull did not know; False if the time was over before the end."""
        waiting: list[_Changed] = []
        broken: Exception | None = None
        begins = tally.page
        try:
            for row in source:
                if isinstance(row, int):
                    tally.page = row
                    if row % PAGES_NOTED == 0:
                        self._claim(feed, at, row)
                    ended = row > begins and not time_left()
                else:
                    found = self._count(feed, row, rows, tally)
                    waiting += [found] if found is not None else []
                    # What is known is passed over within seconds; else the next pull would get no further.
                    asks = tally.products % AT_ONCE == 0 and bool(waiting or tally.written)
                    ended = asks and not time_left()
                if len(waiting) == AT_ONCE:
                    self._write(waiting, rows, tally, at)
                    waiting = []
                if ended:
                    self._write(waiting, rows, tally, at)
                    return False
        except (_Failed, UnreadableFeed) as why:  # what came before it is right, and is kept
            broken = why
        self._write(waiting, rows, tally, at)
        if broken is not None:
            raise broken
        return True

    def _count(self, feed: Feed, row: FeedRow, rows: FeedRows, tally: _Tally) -> _Changed | None:
        tally.products += 1
        if tally.products > MOST_PRODUCTS:
            raise _Failed("too_many_products")
        if row.turns_at is not None:
            tally.turns_at = min(tally.turns_at or row.turns_at, row.turns_at)
        return self._changed(feed, row, rows, tally)

    def _changed(self, feed: Feed, row: FeedRow, rows: FeedRows, tally: _Tally) -> _Changed | None:
        """The product of a row that says something new; None for one that is the same, or is refused."""
        if row.product is None:
            tally.refuse(row.place, row.id, row.problem)
            return None
        id_ = str(row.product.get("id", ""))
        if id_ in tally.seen:
            tally.refuse(row.place, id_, "the id stands twice in the feed; the first product is taken")
            return None
        tally.seen.add(id_)
        content = [feed.currency, row.product, sorted(row.keeps)]
        digest = row_digest(json.dumps(content, sort_keys=True, ensure_ascii=False))
        if rows.is_known(id_, digest):
            tally.same += 1
            return None
        try:
            return _Changed(read_product(row.product, feed.currency), digest, row.keeps)
        except ProductRefused as wrong:
            tally.refuse(row.place, id_, str(wrong))
            return None

    def _write(self, waiting: list[_Changed], rows: FeedRows, tally: _Tally, at: datetime) -> None:
        if not waiting:
            return
        keeps = {one.product.id: one.keeps for one in waiting}
        taken = self.products.put([one.product for one in waiting], at, keeps)
        tally.written += len(taken.new) + len(taken.changed)
        kept = {*taken.new, *taken.changed, *taken.unchanged}
        for one in waiting:
            if one.product.id in kept:  # what a push said later stays, and is looked at again
                rows.note(one.product.id, one.digest)


def describe(pull: Pull) -> dict[str, Any]:
    """Counters of a pull, for the dashboard."""
    return {
        "FeedProducts": pull.products,
        "FeedWritten": pull.written,
        "FeedRefused": pull.refused,
        "FeedFailed": int(pull.state == "failed"),
    }
