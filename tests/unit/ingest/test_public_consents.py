"""However many statements a public key sends, nothing that counts is lost, and a customer's read is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import EVERY_PURPOSE, Consent, consent_state, counted
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.folding import Bounds
from shared.domain.consent.suppression import suppressed
from shared.ports import Throttled
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.public_consents import PublicConsents, StoredInPart
from tests.support.cases import UNIT, cases

pytestmark = UNIT

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOMES, ADDRESS, OTHER = ("u.1", "u.2"), "e.1", "e.2"
"""Two identifiers of one customer: what is read of him is what lies under both, and under the addresses."""
SMALL = Bounds(places=2, powerless=1, others=40, grants=40)
"""So that nearly everything is folded, and all words that these tests use have room as they were said."""
TIGHT = Bounds(places=1, powerless=1, own=1, others=2, without_address=1, of_every_purpose=1, grants=2)
ASKED = [
    (channel, purpose, address)
    for channel in ("email", "sms")
    for purpose in ("marketing", "news", "zzz")
    for address in (ADDRESS, OTHER, "")
]


@dataclass
class Shop:
    """Two tables that hear the same: one is bounded, the other one keeps every statement by itself."""

    bounds: Bounds
    bounded: MemoryTable = field(default_factory=MemoryTable)
    oracle: MemoryTable = field(default_factory=MemoryTable)
    new: int = 0
    really_new: int = 0

    def hear(self, batch: Sequence[tuple[Consent, bool]]) -> None:
        """``True``: from a trusted source."""
        for said, trusted in batch:
            first = put_first(self.oracle, consent_items(record_of(said), trusted=trusted))
            if trusted:
                put_first(self.bounded, consent_items(record_of(said), trusted=True))
            else:
                self.really_new += first and not said.granted
        public = [record_of(said) for said, trusted in batch if not trusted]
        self.new += PublicConsents(self.bounded, self.bounds).put(public)


def record_of(said: Consent) -> ConsentRecord:
    home = HOMES[len(said.message_id) % 2]
    return ConsentRecord((home, said.address_key) if said.address_key else (home,), said)


def read(table: MemoryTable, partitions: Iterable[str] = (*HOMES, ADDRESS, OTHER)) -> list[Consent]:
    return [said for partition in partitions for said, _ in statements(table, partition)]


MINUTES = st.integers(0, 240)


@st.composite
def histories(draw: st.DrawFn, purposes: Sequence[str]) -> list[list[tuple[Consent, bool]]]:
    """Batches in the order of their arrival; some statements are sent again later, some grants are dated back."""
    minute, batches = 0, []
    sent: list[tuple[Consent, bool]] = []
    for _ in range(draw(st.integers(1, 9))):
        minute += draw(st.sampled_from([0, 1, 5, 70]))
        batch = []
        for _ in range(draw(st.integers(1, 4))):
            again = draw(st.integers(0, len(sent) + 3)) if sent else 99
            if again < len(sent):
                said, trusted = sent[again]
                batch.append((structs.replace(said, received_at=at(minute)), trusted))
                continue
            trusted = draw(st.booleans())
            granted = draw(st.booleans())
            said = Consent(
                channel=draw(st.sampled_from(["email", "sms"])),
                purpose=draw(st.sampled_from(purposes)),
                granted=granted,
                time=at(minute + draw(st.sampled_from([-120, -3, 0, 0, 0, 60]))),
                received_at=at(minute),
                may_grant=trusted or draw(st.booleans()),
                source="store" if trusted else draw(st.sampled_from(["web", "app"])),
                message_id=f"m{len(sent)}{draw(st.sampled_from(['', 'x']))}",
                address_key=draw(st.sampled_from(["", ADDRESS, OTHER])),
            )
            sent.append((said, trusted))
            batch.append((said, trusted))
        batches.append(batch)
    return batches


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def decides(said: Iterable[Consent], channel: str, purpose: str, address: str, now: datetime) -> tuple[Any, Any]:
    """From when the newest withdrawal and the newest grant count. Every answer follows from the two, whatever anybody
    grants or withdraws later, for whatever time."""
    heard = counted((one for one in said if one.received_at <= now), channel, purpose, address)
    return tuple(
        max((one.effective_at for one in heard if one.granted == granted), default=None) for granted in (False, True)
    )  # type: ignore[return-value]


@cases(80)
@given(batches=histories(("marketing", "news", EVERY_PURPOSE)))
def test_the_answers_are_those_of_a_store_without_bound(batches: list[list[tuple[Consent, bool]]]) -> None:
    """Now, later, and whatever is said afterwards for any time; for consent and for suppressed addresses. What is sent
    again counts once."""
    shop = Shop(SMALL)
    for batch in batches:
        shop.hear(batch)
    heard = max(said.received_at for batch in batches for said, _ in batch)
    found, expected = read(shop.bounded), read(shop.oracle)
    for asked in ASKED:
        for now in (heard, heard + timedelta(days=2)):
            assert decides(found, *asked, now) == decides(expected, *asked, now)
            assert consent_state(found, *asked, now).granted == consent_state(expected, *asked, now).granted
            channel, _, address = asked
            refused = suppressed(found, channel, address, now)
            assert (refused is None) == (suppressed(expected, channel, address, now) is None)
    assert shop.new == shop.really_new


def refusals_at(address: str) -> list[list[tuple[Consent, bool]]]:
    """Of everything, by more sources than there are runs."""
    return [
        [(Consent("email", EVERY_PURPOSE, False, at(0), at(0), False, f"s{number}", f"m{number}", address), False)]
        for number in range(8)
    ]


@cases(80)
@given(batches=histories(("marketing", "news", "zzz", "a", "b", "c", "d", EVERY_PURPOSE)))
@example(batches=refusals_at(ADDRESS))
def test_no_withdrawal_is_lost_beyond_the_bound(batches: list[list[tuple[Consent, bool]]]) -> None:
    """More words than there is room for: whoever may not be written to is not, now and whatever is granted later for
    any time; and there are never more items than the bound says."""
    shop = Shop(TIGHT)
    for batch in batches:
        shop.hear(batch)
    heard = max(said.received_at for batch in batches for said, _ in batch)
    found, expected = read(shop.bounded), read(shop.oracle)
    for asked in ASKED:
        refused, agreed = decides(found, *asked, heard)
        really_refused, really_agreed = decides(expected, *asked, heard)
        assert really_refused is None or refused >= really_refused
        assert agreed is None or agreed <= really_agreed
        if suppressed(expected, asked[0], asked[2], heard) is not None:
            assert suppressed(found, asked[0], asked[2], heard) is not None
        assert everything_refused(found, *asked[::2]) == everything_refused(expected, *asked[::2])
    for partition in (*HOMES, ADDRESS, OTHER):
        assert len(public_items(shop.bounded, partition)) <= TIGHT.most
    assert shop.new == shop.really_new


def everything_refused(said: Iterable[Consent], channel: str, address: str) -> datetime | None:
    """From when the newest refusal of every message counts at an address. Nobody refuses that for another one, and
    what is kept as more than was said refuses no more than what needs consent."""
    counts = [consent for one in said if (consent := suppressed([one], channel, address, at(3_000))) is not None]
    return max((one.effective_at for one in counts), default=None)


def public_items(table: MemoryTable, partition: str) -> list[dict[str, Any]]:
    """Those that are read with a customer."""
    return [item for item in table.query(partition, prefix="consent#").items if item["sk"].endswith("#p")]


class Interrupted:
    """A table that lets something happen before its calls: another writer writes, or the function dies."""

    def __init__(self, table: MemoryTable, meanwhile: dict[int, Callable[[], object]]) -> None:
        self._table, self._meanwhile, self._calls = table, meanwhile, 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._table, name)

        def call(*given: Any, **named: Any) -> Any:
            self._calls += 1
            self._meanwhile.pop(self._calls, lambda: None)()
            return method(*given, **named)

        return call


def public(batches: list[list[tuple[Consent, bool]]]) -> list[list[ConsentRecord]]:
    return [[record_of(said) for said, trusted in batch if not trusted] for batch in batches]


@cases(80)
@given(
    batches=histories(("marketing", "news")),
    moments=st.lists(st.integers(1, 14), min_size=8, max_size=8),
)
def test_writers_at_the_same_moment_lose_nothing(batches: list[list[tuple[Consent, bool]]], moments: list[int]) -> None:
    """Each batch is heard by a function of its own, which begins between two calls of the one before."""
    oracle, bounded = MemoryTable(), MemoryTable()
    heard = [[structs.replace(one, consent=structs.replace(one.consent, received_at=at(0))) for one in batch]
             for batch in public(batches)]  # fmt: skip
    for record in (record for batch in heard for record in batch):
        put_first(oracle, consent_items(record, trusted=False))
    counted: list[int] = []

    def hear(number: int) -> None:
        if number < len(heard):
            table = Interrupted(bounded, {moments[number % len(moments)]: lambda: hear(number + 1)})
            counted.append(PublicConsents(table, SMALL).put(heard[number]))
            if len(counted) <= number:  # the moment did not come
                hear(number + 1)

    for number in range(len(heard)):
        hear(number)
    same_answers(bounded, oracle)
    names = {(one.consent.message_id) for batch in heard for one in batch if not one.consent.granted}
    assert sum(counted) == len(names)


@cases(80)
@given(
    batches=histories(("marketing", "news")),
    dies_at=st.integers(1, 12),
    place=st.integers(0, 8),
)
def test_a_batch_that_is_sent_again_after_a_death_counts_once(
    batches: list[list[tuple[Consent, bool]]], dies_at: int, place: int
) -> None:
    """The table fails at any call. What it was given is sent again, an hour later: nothing is lost, nothing counts
    from later than its second arrival, and a third one changes nothing."""
    heard = public(batches)
    bounded, first, second = MemoryTable(), MemoryTable(), MemoryTable()
    new = 0

    def die() -> None:
        raise Throttled

    for number, batch in enumerate(heard):
        again = [structs.replace(one, consent=one.consent) for one in batch]
        if number == place % len(heard):
            again = [
                structs.replace(
                    one, consent=structs.replace(one.consent, received_at=one.consent.received_at + timedelta(hours=1))
                )
                for one in batch
            ]
            try:
                new += PublicConsents(Interrupted(bounded, {dies_at: die}), SMALL).put(batch)
            except StoredInPart as part:
                new += part.withdrawn
        new += PublicConsents(bounded, SMALL).put(again)
        before = [dict(item) for item in bounded.items()]
        later = [
            structs.replace(one, consent=structs.replace(one.consent, received_at=at(2_000)))
            for batch in heard[: number + 1]
            for one in batch
        ]
        assert PublicConsents(bounded, SMALL).put(later) == 0
        assert [dict(item) for item in bounded.items()] == before
        for table, said in ((first, batch), (second, again)):
            for record in said:
                put_first(table, consent_items(record, trusted=False))
    assert new == sum(not name.endswith("granted") for name in {name_of(one) for batch in heard for one in batch})
    found, last = read(bounded), at(3_000)
    for asked in ASKED:
        refused, agreed = decides(found, *asked, last)
        refused_at_first, agreed_at_first = decides(read(first), *asked, last)
        refused_at_last, agreed_at_last = decides(read(second), *asked, last)
        assert agreed_at_first is None or agreed_at_first <= agreed <= agreed_at_last
        assert refused_at_first is None or refused_at_first <= refused <= refused_at_last


def test_a_function_that_is_killed_between_customer_and_address_is_made_good() -> None:
    """Nobody counted the withdrawal then, so it counts when it is sent again."""

    def killed() -> None:
        raise RuntimeError

    said = Consent("email", "marketing", False, at(0), at(0), False, "web", "m", ADDRESS)
    for call in (1, 2):
        table = MemoryTable()
        with pytest.raises(RuntimeError):
            PublicConsents(Interrupted(table, {call: killed})).put([record_of(said)])
        assert PublicConsents(table).put([record_of(said)]) == 1
        assert PublicConsents(table).put([record_of(said)]) == 0


def name_of(record: ConsentRecord) -> str:
    return f"{record.consent.message_id} {'granted' if record.consent.granted else 'withdrawn'}"


def same_answers(bounded: MemoryTable, oracle: MemoryTable) -> None:
    found, expected = read(bounded), read(oracle)
    for asked in ASKED:
        assert decides(found, *asked, at(3_000)) == decides(expected, *asked, at(3_000))
