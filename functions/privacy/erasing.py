"""Erases a person from every table; each step can be repeated after a crash, and a second run finds nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.privacy.erase_at_register import RegisterErasure
from functions.privacy.erase_consents import LETTERS, ConsentErasure
from functions.privacy.erase_conversations import ConversationErasure
from functions.privacy.erase_in_lake import LakeErasure
from functions.privacy.erase_in_stock import StockErasure
from functions.privacy.erase_interests import InterestErasure
from functions.privacy.erase_letters import LetterErasure
from functions.privacy.erase_mails import MailErasure
from functions.privacy.erase_messages import MessageErasure
from functions.privacy.erase_verdicts import VerdictErasure
from functions.privacy.pages import pages
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.facts.values import id_of
from shared.domain.identity import keys
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import IdentifierType, parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds, type_of_key
from shared.domain.messages.address import token_key
from shared.domain.privacy.case import CaseState, Right
from shared.domain.privacy.copy_files import place_of
from shared.domain.privacy.erasure import CONFIRM_AFTER, Erasure, State, kind_of, without_owners
from shared.domain.privacy.part import UNPROVEN
from shared.ports import Queue, Table
from shared.ports.objects import Objects
from shared.queries.customer_tree import load_tree
from shared.queries.persons_part import part_at
from shared.stores.cases import Cases
from shared.stores.customers import Control, CustomerStore, Hint, StoredFacts
from shared.stores.erasures import Erasures, put_marks
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.releases import Releases
from shared.stores.right_marks import sort_key_of
from shared.stores.search_index import SearchIndex

KINDS: Mapping[str, str] = {
    keys.EVENT_PREFIX: "events",
    keys.FACTS: "facts",
    keys.CLAIM: "links",
    keys.OWNS: "links",
    keys.PARTED: "links",
    keys.CUSTOMER: "decisions",
    keys.MEMBER: "segments",
    keys.ENROLLMENT: "enrollments",
    keys.CONSENT: "consents",
    keys.VERBATIM: "consents",
    keys.SENDS: "sends",
    keys.PREFERENCE: "preferences",
    keys.BOUNCES: "bounces",
    keys.HOLDER: "push_tokens",
    keys.NAMES: "search",
    keys.RIGHT: "rights",
}
STATEMENTS = (keys.CONSENT, keys.VERBATIM)


class Erasing:
    """Works through the identifiers of an erasure in their order.

    All identifiers are marked before anything is deleted. From then on segmentation refuses what is still on its way,
    so that nothing comes back.
    """

    def __init__(
        self,
        *,
        customers: Table,
        messages: Table,
        catalog: Table,
        stock: Table,
        interests: Table,
        conversations: Table,
        releases: Releases,
        keys: IdentifierKeys,
        confirm_after: timedelta = CONFIRM_AFTER,
        files: Callable[[], Objects],
        lake: LakeErasure | None = None,
        iys: Queue | None = None,
        letters: LetterErasure | None = None,
        audiences: Queue | None = None,
    ) -> None:
        """``files`` is the bucket of what customers sent. ``lake`` is None where there is none. ``iys`` is the queue of
        the exchange with the register of consent, ``audiences`` that of lists at advertising platforms. ``letters`` are
        the dead ones."""
        self._customers = customers
        self._erasures = Erasures(catalog)
        self._cases = Cases(catalog)
        self._releases = releases
        self._keys = keys
        self._confirm_after = confirm_after
        self._store = CustomerStore(customers)
        self._sent = MessageErasure(messages, customers)
        self._consents = ConsentErasure(customers)
        self._verdicts = VerdictErasure(customers, self._store, keys)
        self._search = SearchIndex(customers, keys)
        self._stock = StockErasure(stock, keys)
        self._lake = lake
        self._register = RegisterErasure(iys, audiences, self._store)
        self._interests = InterestErasure(interests)
        self._conversations = ConversationErasure(conversations, pages, files)
        self._mails = MailErasure(files, keys)
        self._files = files
        self._letters = letters

    def run(self, name: str, now: datetime, *, time_left: Callable[[], bool]) -> Erasure | None:
        """The erasure as it is then; RUNNING if time was over, None if there is none of this name.

        What was erased is looked through once more, ``confirm_after`` later: whoever read the person before the marks
        were set has ended by then.

        Raises
        ------
        Conflict
            If another worker is at the same erasure. Come again.
        """
        erasure = self._erasures.get(name)
        if erasure is None or not self._due(erasure, now):
            return erasure
        part = part_at(self._store, erasure.homes, erasure.proven)
        since = part.since
        put_marks(self._customers, erasure, [home for home in part.own if not _only_named(erasure, home)])
        if self._lake is not None and not erasure.done:
            self._lake.hide(erasure, since, now)
        if self._letters is not None and not erasure.done:
            erased = self._letters.erase(part.own)
            erasure.removed += Counter({"dead_letters": erased})  # none is not named
        for home in erasure.homes[erasure.done :]:
            if not time_left():
                return self._erasures.put(erasure)
            self._erase_one(erasure, home, since[home])
            erasure.done += 1
            self._erasures.put(erasure)  # so that what was counted outlives a crash
        self._answer_case(erasure, now)  # before the state, which ends the repetitions
        erasure.passed(now)
        return self._erasures.put(erasure)

    def _answer_case(self, erasure: Erasure, now: datetime) -> None:
        """The case is done when everything is erased, and so is another one of the same person that waits for it. It is
        still open if who began the erasure died before he wrote it."""
        asked = self._cases.get(erasure.request) if erasure.request else None
        others = (case for home in erasure.homes for case in self._cases.of(home) if case.erasure == erasure.id)
        for case in {case.id: case for case in (asked, *others) if case is not None and case.waits}.values():
            if case.state is CaseState.OPEN:
                case = replace(case.moved(CaseState.RUNNING, now, erasure.by), erasure=erasure.id)  # noqa: PLW2901
            self._cases.put(case.moved(CaseState.DONE, now, erasure.by))

    def _due(self, erasure: Erasure, now: datetime) -> bool:
        if erasure.state is State.ERASED:
            return erasure.erased_at is None or now >= erasure.erased_at + self._confirm_after
        return erasure.state is State.RUNNING

    def _erase_one(self, erasure: Erasure, home: str, since: int | None) -> None:
        if since is not None:
            self._erase_before(erasure, home, since)
        elif _only_named(erasure, home) and self._store.log_page(home, limit=1).items:
            self._let_go(erasure, home)  # somebody came since then, and nobody proved that it was the same person
        else:
            self._erase(erasure, home)

    def _erase(self, erasure: Erasure, home: str) -> None:
        """Everything under an identifier that is nobody else's. What leads to other partitions goes first."""
        control = self._store.control(home)
        for child in control.owns:
            if child not in erasure.homes:
                self._let_go(erasure, child)
        if control.claim is not None:
            others = control.claim.owners().keys() - set(erasure.homes)
            self._forget_at_others(erasure, home, sorted(others))
        self._register.erase(home, control)
        copies = [place_of(case.id) for case in self._cases.of(home) if case.right is Right.EXPORT]
        if copies:
            self._files().delete(copies)
        self._consents.keep_refusals(erasure, home, control, self._sent.addresses(home))
        self._erase_messages(erasure, home, None)
        self._erase_search(erasure, home, control.facts.facts if control.facts else None)
        self._count(erasure, self._conversations.erase(home))
        if home.startswith(LETTERS["email"]):
            self._count(erasure, self._mails.erase(home))
        if control.facts is not None:
            tokens = [token_key(token, self._keys) for token in control.facts.facts.tokens.entries]
            self._delete(erasure, [(token, keys.HOLDER + home) for token in tokens])
            self._count_interests(erasure, self._interests.erase_shown(home, control.facts.facts))
        for items in pages(self._customers, home):
            self._erase_elsewhere(erasure, home, items)
            for other in self._verdicts.others(erasure.homes, items):
                self._let_go(erasure, other)
            said = [item for item in items if item["sk"].startswith(STATEMENTS)]
            self._delete(erasure, self._consents.places(erasure, home, said))
            rest = [item["sk"] for item in items if not item["sk"].startswith(STATEMENTS)]
            self._delete(erasure, [(home, sk) for sk in rest if sk != keys.ERASED])

    def _forget_at_others(self, erasure: Erasure, home: str, owners: list[str]) -> None:
        """What names an address that is erased, at those who named it without owning it, and at the customer that it
        was joined to: the decision of that one lists the events that were folded last."""
        if not owners:
            return
        top = self._store.control(load_tree(self._store, home).root)
        decided = top.customer
        if top.key not in erasure.homes and decided is not None and any(row[1] == home for row in decided.events):
            self._store.put_customer(top.key, decided.bumped(), previous=decided.version)
        self._customers.delete_many([(owner, keys.OWNS + home) for owner in owners])

    def _erase_elsewhere(self, erasure: Erasure, home: str, items: Iterable[Mapping[str, Any]]) -> None:
        """What other tables and partitions hold because of these events."""
        events = [event for item in items if (event := _readable(item)) is not None]
        nobody = f"{IdentifierType.EXTERNAL.value}:erased/{erasure.id}"
        changed = self._stock.erase(events, erasure.homes, nobody)
        if changed:
            # What the store does with the pick-up later is told to nobody.
            put_marks(self._customers, erasure, [self._keys(parse_identifier(nobody))])
            erasure.removed["stock"] += changed
        self._count_interests(erasure, self._interests.erase(home, events))
        orders = {id_of(event.properties.get("order_id")) for event in events} - {""}
        self._customers.delete_many(self._search.order_places(home, orders))

    @staticmethod
    def _count_interests(erasure: Erasure, removed: int) -> None:
        if removed:
            erasure.removed["interests"] += removed

    def _erase_before(self, erasure: Erasure, home: str, since: int) -> None:
        """Of an identifier that others use as well, what was said before it was theirs; then it is theirs alone."""
        self._erase_messages(erasure, home, since)
        self._count(erasure, self._conversations.erase_before(home, since))
        control = self._store.control(home)
        for items in pages(self._customers, home, prefix=keys.EVENT_PREFIX):
            doomed = [item for item in items if _event_before(item, since)]
            self._erase_elsewhere(erasure, home, doomed)
            told = {event.message_id for item in doomed if (event := _readable(item)) is not None}
            self._delete(erasure, self._consents.said_by(erasure, home, told))
            self._delete(erasure, [(home, item["sk"]) for item in doomed])
        begun = [item["sk"] for item in control.enrollments if item["started"] < since]
        begun += [sort_key_of(mark) for mark in control.rights if mark.root in erasure.homes]
        self._delete(erasure, [(home, sk) for sk in begun])
        self._leave(erasure, home, control)

    def _let_go(self, erasure: Erasure, home: str) -> None:
        """What the person named and may be somebody else's: it stays as if he had never named it."""
        self._leave(erasure, home, self._store.control(home))

    def _leave(self, erasure: Erasure, home: str, control: Control) -> None:
        """Takes the person out of an identifier that stays: of its owners, and of what operators decided about them."""
        decided = self._verdicts.places(home, erasure.homes)
        self._delete(erasure, decided)
        claim = without_owners(control.claim or Claim(), erasure.homes)
        changed = control.claim is not None and claim != control.claim
        if not decided and not changed and erasure.state is not State.RUNNING:
            return
        owner = claim.parent()
        if owner is not None:
            self._store.put_owns(owner, home, Hint(claim.owners()[owner][1][0], f"{control.claim_version}e"))
        if changed:
            self._store.put_claim(home, claim, previous=control.claim_version, moving=None)
        self._fold_again(erasure, control, claim.contested_from(home))

    def _fold_again(self, erasure: Erasure, control: Control, until: int | None) -> None:
        """What is left of the log tells what is known, under the release that holds now."""
        release = self._releases.current()
        facts = fold(Facts(), self._store.events(control.key), release.features, until=until)
        held = control.facts
        version = held.version if held else 0
        wanted = StoredFacts(
            facts, version + 1, release.number, until, held.buckets if held else {}, held.spilled if held else 0
        )
        if held is not None and (held.facts, held.until) != (facts, until):
            self._erase_search(erasure, control.key, held.facts)
            self._search.note(control.key, None, facts)
            self._store.put_facts(control.key, wanted, previous=version)

    def _erase_messages(self, erasure: Erasure, home: str, before: int | None) -> None:
        erased = self._sent.erase(home, before)
        if erased:
            erasure.removed["messages"] += erased

    def _erase_search(self, erasure: Erasure, home: str, facts: Facts | None) -> None:
        """What search finds the identifier by."""
        places = self._search.places(home, facts)
        if places:
            self._customers.delete_many(places)
            erasure.removed["search"] += len(places)

    @staticmethod
    def _count(erasure: Erasure, conversations: int) -> None:
        if conversations:
            erasure.removed["conversations"] += conversations

    def _delete(self, erasure: Erasure, places: list[tuple[str, str]]) -> None:
        if places:
            self._customers.delete_many(places)
            erasure.removed += Counter(kind_of(sk, KINDS) for _, sk in places)


def _only_named(erasure: Erasure, home: str) -> bool:
    """Whether it is an address that a person named who proved another one: nothing was said of it alone, and who uses
    it from now on is not refused."""
    return bool(erasure.proven) and home != erasure.proven and type_of_key(home) in UNPROVEN


def _readable(item: Mapping[str, Any]) -> Event | None:
    if not item["sk"].startswith(keys.EVENT_PREFIX):
        return None
    try:
        return read_event(item)
    except UnreadableEvent:
        return None


def _event_before(item: Mapping[str, Any], since: int) -> bool:
    """Unreadable ones too: nobody can say whose they are."""
    try:
        return milliseconds(read_event(dict(item)).time) < since
    except UnreadableEvent:
        return True
