"""Tells the people who care of an announcement: one event each, in their order, once per person."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.stock.announced_product import announced_properties
from functions.stock.telling_task import Task
from functions.stock.wanted_events import wanted
from shared.adapters.error_kinds import kind_of
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.identity.keys import moment
from shared.domain.interests.announcement import AGAIN_AFTER, EVENTS, Announcement
from shared.domain.interests.interest import KINDS
from shared.domain.interests.why_told import Subject, why_told
from shared.ports import Conflict, Throttled
from shared.queries.customer_tree import UNREADABLE, Member, Tree, load_tree
from shared.stores.announcements import Announcements, Told
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.interests import SHARDS, Hint, Interests
from shared.stores.products import Products, StoredProduct
from shared.stores.stock_events import SOURCE

log = logging.getLogger("kervan.stock")

PAGE = 100
"""People of one message: the rest of them go on in the next."""
PAUSE = timedelta(minutes=1)
"""Between two messages of one shard: some 800 people in a minute are told of one product."""
TRIES = 8


@dataclass(slots=True)
class Tally:
    """What one message did. ``following``: where another one goes on."""

    told: int = 0
    passed: int = 0
    unreadable: int = 0
    following: Task | None = None


@dataclass(slots=True)
class _Work:
    """One message at work. ``met``: identifiers of people about whom all is decided."""

    task: Task
    made: Announcement
    subject: Subject
    product: StoredProduct | None
    now: datetime
    met: set[str] = field(default_factory=set)
    over: bool = False


class Telling:
    """Stateless: a message that comes again goes through the same people and finds who was told."""

    def __init__(
        self,
        *,
        customers: CustomerStore,
        interests: Interests,
        announcements: Announcements,
        products: Products,
        pieces: Callable[[str], int | None],
        release: Callable[[], Release],
    ) -> None:
        self._customers, self._interests, self._announcements = customers, interests, announcements
        self._products, self._pieces, self._release = products, pieces, release

    def run(self, task: Task, now: datetime, *, time_left: Callable[[], bool]) -> Tally:
        """Tell the people of one message.

        A newer announcement of the product takes the place of this one. When the last piece is gone, nobody more is
        told.

        Raises
        ------
        Throttled
            If others keep changing the same items. All of it may be done again.
        """
        tally = Tally()
        made = self._announcements.read(task.about, task.product)
        if made is None or made.episode != task.episode or not wanted(self._release(), EVENTS[task.about]):
            return tally
        if self._pieces(task.product) == 0:
            return tally
        known = self._products.read([task.product]).get(task.product)
        work = _Work(task, made, Subject(task.product, known.product.group if known else ""), known, now)
        if task.first:
            self._complete(work)
        shards = range(SHARDS) if task.first else (task.shard,)
        for looked, hint in enumerate(self._interests.hints(work.subject, shards, task.behind)):
            if task.first and (work.over or work.made.left <= 0):
                return tally
            if looked >= PAGE or not time_left():
                return tally
            self._look(work, hint, tally)
            tally.following = Task(task.about, task.product, task.episode, task.shard, hint.place)
        tally.following = None
        return tally

    def _look(self, work: _Work, hint: Hint, tally: Tally) -> None:
        """One person who cannot be read stands in nobody's way."""
        if hint.home in work.met:
            return
        try:
            done = self._tell(work, hint)
        except UNREADABLE as broken:
            log.error("somebody could not be told of a product: %s", kind_of(broken))
            tally.unreadable += 1
            return
        tally.told += done
        tally.passed += not done

    def _tell(self, work: _Work, hint: Hint) -> bool:
        for _ in range(TRIES):
            tree = load_tree(self._customers, hint.home)
            by_key = {one.key: one for one in self._announcements.told(work.task.about, work.task.product, tree.keys)}
            again = [one for one in by_key.values() if one.episode == work.made.episode]
            if again:
                work.met |= {*tree.keys, hint.home}
                return sum(self._write(work, one, tree) for one in again if one.by == work.task.id) > 0
            if any(work.now < one.at + AGAIN_AFTER for one in by_key.values()):
                work.met |= {*tree.keys, hint.home}
                return False
            reason = why_told(tree.profile(), work.subject, work.now)
            who = next((member for member in tree.members if member.identifier is not None), None)
            if reason is None or who is None:
                work.met |= {*tree.keys, hint.home}
                return False
            if reason.rank > KINDS.index(hint.kind):
                return False  # the hint is out of date; he is met again where he stands now
            said = announced_properties(work.made, reason, work.product)
            told = Told(who.key, work.made.episode, work.now, work.task.id, said)
            try:
                self._note(work, told, by_key.get(who.key))
            except Conflict:
                self._read_again(work)
                if work.over:
                    return False
                continue
            work.met |= {*tree.keys, hint.home}
            return self._write(work, told, tree)
        raise Throttled("others keep telling the same people")

    def _note(self, work: _Work, told: Told, before: Told | None) -> None:
        if work.task.first:
            work.made = self._announcements.tell_first(work.made, told, before)
        else:
            self._announcements.record(work.made, told, before)

    def _read_again(self, work: _Work) -> None:
        made = self._announcements.read(work.task.about, work.task.product)
        if made is None or made.episode != work.made.episode or (work.task.first and made.left <= 0):
            work.over = True
        else:
            work.made = made
            if work.task.first:
                self._complete(work)

    def _complete(self, work: _Work) -> None:
        """Write the event of whom the first wave told last: who told him may have died before."""
        key = work.made.last_told
        if not key:
            return
        for one in self._announcements.told(work.task.about, work.task.product, [key]):
            if one.episode == work.made.episode:
                self._write(work, one, load_tree(self._customers, key))

    def _write(self, work: _Work, told: Told, tree: Tree) -> bool:
        """The event; written again, it is the same. Nobody is told whose identifier was erased meanwhile."""
        who = next((member for member in tree.members if member.key == told.key), None)
        if who is None or who.identifier is None:
            return False
        event = told_event(work.made, told, who)
        self._customers.put_events([event_item(event, lambda _: told.key, home=told.key)])
        return True


def told_event(made: Announcement, told: Told, who: Member) -> Event:
    """What the log of a person says. It follows from what was noted, so that it is one event however often written."""
    identifier = who.identifier
    text = f"{made.about}\x1f{made.product}\x1f{told.episode}\x1f{told.key}"
    at = moment(int(told.at.timestamp() * 1000))
    return Event(
        type=EventType.TRACK,
        name=EVENTS[made.about],
        message_id=f"{made.about}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}",
        time=at,
        received_at=at,
        source=SOURCE,
        channel=SOURCE,
        trusted=True,
        identifiers=() if identifier is None else (identifier,),
        properties=_plain(told.properties),
        context={"active": False},
    )


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in sorted(properties)}
