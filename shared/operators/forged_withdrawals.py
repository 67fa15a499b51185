"""``POST /v1/sources/{name}/take-back``: withdrawals that came with a public key and are forged count no more.

A walk over the pointers of one source and span, some of them with each call. Its parts may be walked side by side.
Nothing is deleted: beside each withdrawal stands a statement that names it, and an event in the customer's log
(docs/runbooks/withdrawals.md).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.domain.consent.consent import EVERY_PURPOSE, MARKETING, Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import SOURCE, TOLD, reason_to_stay, take_back, taken_back
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import WITHDRAWAL_TAKEN_BACK
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.operators.environment import Environment as Operators
from shared.ports import Table
from shared.queries.attacked_customer import AttackedCustomer, Found
from shared.stores.consent_items import consent_items, put_first, read_consent
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.taking_backs import TakingBack
from shared.stores.withdrawal_pointers import Pointer, Pointers, mark_behind

AT_ONCE = 10
"""Pointers that are read at once: each takes some seven requests."""
MOST = 500
"""Pointers of one call."""


class Environment(Operators, Protocol):
    """And the pointers, and what the register of consent holds."""

    @property
    def metrics(self) -> Table: ...

    @property
    def iys(self) -> IysRecords: ...


@dataclass
class Walk:
    """What one call does of a taking back. ``dry``: counts what would be done, and writes nothing."""

    environment: Environment
    asked: TakingBack
    dry: bool
    counts: Counter[str] = field(default_factory=Counter)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def run(self, begin: str, time_left: Callable[[], bool]) -> str | None:
        """Goes on behind a mark of one part; the new mark, None at the end of the part. It may be repeated: what is
        done stays done.

        Raises
        ------
        ValueError
            If the mark is none.
        """
        attack, left = self.asked.attack, MOST
        mark: str | None = begin
        register, pointers = self._register(), Pointers(self.environment.metrics)
        while mark is not None and left > 0:
            found, mark = pointers.page(attack.source, attack.begin, attack.end, behind=mark, most=min(left, AT_ONCE))
            for pointer in found:
                self._follow(pointer, register)
                if pointer is not found[-1] and not time_left():
                    return mark_behind(pointer)
            left -= AT_ONCE
            if not time_left():
                break
        return mark

    def _register(self) -> IysRecords | None:
        account = Releases(self.environment.catalog).current().shop.iys
        return None if account is None else self.environment.iys.of_account(account.account)

    def _follow(self, pointer: Pointer, register: IysRecords | None) -> None:
        environment = self.environment
        store = CustomerStore(environment.customers)
        customer = AttackedCustomer(store, environment.keys, register, self.asked.attack, pointer)
        for found in customer.withdrawals():
            name = (found.places, found.said.name)
            if name in self._seen:
                continue
            self._seen.add(name)
            if found.counted:
                self.counts[self._decide(customer, found)] += 1
            elif not self._words(customer, found):
                self._decide(customer, found)

    def _decide(self, customer: AttackedCustomer, found: Found) -> str:
        """What becomes of one withdrawal, by the name under which it is counted."""
        words = self._words(customer, found)
        word = next(iter(words.values()), None)
        if word is not None and not word.message_id.startswith(self.asked.id):
            self._complete(customer, found, word, words)  # who wrote it may have died before its event
            return "already"
        if word is None:
            reason = reason_to_stay(found.said, self.asked.attack, customer.circumstances(found))
            if reason is not None:
                return f"left_out.{reason}"
            now = moment(milliseconds(self.environment.clock.now()))
            word = take_back(found.said, self.asked.by, self.asked.because, self._id_of(found.said), now)
            words = self._write(found, word, words)
            word = next(iter(words.values()), word)
        if not self.dry and customer.told(found.said):
            self._refuse(found, word)
            self._complete(customer, found, word, words)
            return "left_out.at_register"
        if found.counted:
            self.counts["granted_again"] += self._granted_again(customer, found.said, word)
        self._complete(customer, found, word, words)
        return "taken_back"

    def _words(self, customer: AttackedCustomer, found: Found) -> dict[str, Consent]:
        """By partition the statement that takes it back, where there is one. Of a run that went on since, that of
        before takes back nothing."""
        return {
            place: one
            for place in found.places
            for one in customer.statements_in(place)
            if one.takes_back is not None and one.name == found.said.name and taken_back(found.said, [one])
        }

    def _write(self, found: Found, word: Consent, known: Mapping[str, Consent]) -> dict[str, Consent]:
        """The statement in each partition that has none. If another call wrote one meanwhile, that one stays."""
        words, table = dict(known), self.environment.customers
        for place in found.places:
            if self.dry or place in words:
                continue
            [item] = consent_items(ConsentRecord((place,), word), trusted=True)
            new = put_first(table, [item])
            stored = None if new else table.get(item["pk"], item["sk"])
            words[place] = word if stored is None else read_consent(stored)
        return words

    def _complete(self, customer: AttackedCustomer, found: Found, word: Consent, known: Mapping[str, Consent]) -> None:
        """The statement in each partition, and its event in the log of each customer that it concerns: what is there
        already stays. The event lets segments, audiences and the register follow; no journey begins because of it. Of
        who was erased since nothing is written again."""
        if self.dry or customer.erased:
            return
        table, keys = self.environment.customers, self.environment.keys
        words = self._write(found, word, known)
        homes = {customer.holder.root: found.places[-1]} | {customer.owner.root: found.places[0]}
        for home in homes.values():
            put_first(table, [event_item(_event(words[home]), keys, home=home)])

    def _refuse(self, found: Found, word: Consent) -> None:
        """The register was told while the word was written: both must say the same, so a refusal holds again, now as
        one of this deployment."""
        refusal = Consent(
            channel=word.channel,
            purpose=word.purpose,
            granted=False,
            time=word.time,
            received_at=word.received_at,
            may_grant=False,
            source=SOURCE,
            message_id=f"{word.message_id}-told",
            address_key=word.address_key,
            origin=TOLD,
        )
        put_first(self.environment.customers, consent_items(ConsentRecord(found.places, refusal), trusted=True))

    def _granted_again(self, customer: AttackedCustomer, said: Consent, word: Consent) -> int:
        """1 if this lets messages go out again, once the whole attack is taken back; of several withdrawals of the same
        words the first counts."""
        attack, asked = self.asked.attack, self.asked
        before = [
            one for one in customer.statements if one.takes_back is None or not one.message_id.startswith(asked.id)
        ]
        forged = [one for one in before if attack.holds(one)]
        alike = [one.name for one in forged if one.name[:3] == said.name[:3]]
        if said.name != min(alike, default=None):
            return 0
        words = [take_back(one, asked.by, asked.because, "", word.received_at) for one in forged]
        purpose = MARKETING if said.purpose == EVERY_PURPOSE else said.purpose

        def granted(statements: list[Consent]) -> bool:
            return any(
                consent_state(statements, said.channel, purpose, address, word.received_at).granted
                for address in customer.addresses(said)
            )

        return int(not granted(before) and granted([*before, *words]))

    def _id_of(self, said: Consent) -> str:
        """The same for the same operation and withdrawal."""
        name = "#".join((*said.name[:5], time_text(said.time), *map(str, said.name[6])))
        return f"{self.asked.id}-{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def counts_json(counts: Mapping[str, int]) -> dict[str, Any]:
    """``withdrawals`` were found; of them some are taken back, were so before, or are left out for a reason."""
    left_out = {name.removeprefix("left_out."): n for name, n in counts.items() if name.startswith("left_out.")}
    taken, already = counts.get("taken_back", 0), counts.get("already", 0)
    return {
        "withdrawals": taken + already + sum(left_out.values()),
        "taken_back": taken,
        "granted_again": counts.get("granted_again", 0),
        "already": already,
        "left_out": dict(sorted(left_out.items())),
    }


def _event(word: Consent) -> Event:
    forged = word.takes_back
    if forged is None:
        raise ValueError("the statement takes nothing back")
    return Event(
        type=EventType.TRACK,
        name=WITHDRAWAL_TAKEN_BACK,
        message_id=word.message_id,
        time=word.time,
        received_at=word.received_at,
        source=forged.by,
        channel="admin",
        trusted=True,
        identifiers=(),
        properties={
            "channel": word.channel,
            "purpose": word.purpose,
            "withdrawal": forged.message_id,
            "withdrawal_source": forged.source,
            "because": forged.because,
            "by": forged.by,
        },
        context={"active": False, "history": True},  # nobody visited, and no journey begins
    )
