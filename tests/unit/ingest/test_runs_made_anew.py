"""What an erasure took away and somebody wrote anew is left alone by whoever read the old one: runs and places."""

from __future__ import annotations

from msgspec import structs

from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.stores.consent_items import statements
from shared.stores.forget_consents import forget_public
from shared.stores.public_consents import PublicConsents
from tests.support.cases import UNIT
from tests.unit.ingest.test_public_consents import ADDRESS, SMALL, Interrupted, at

pytestmark = UNIT
FIRST = Consent("email", "marketing", False, at(0), at(0), False, "web", "first", address_key=ADDRESS, public=True)


def said(name: str, minute: int) -> Consent:
    return structs.replace(FIRST, message_id=name, time=at(minute), received_at=at(minute))


def put(table: MemoryTable | Interrupted, *consents: Consent) -> None:
    PublicConsents(table, SMALL).put([ConsentRecord((ADDRESS,), one) for one in consents])


def test_a_withdrawal_is_not_lost_between_an_erasure_and_a_writer_who_read_before_it() -> None:
    table = MemoryTable()
    put(table, *(said(f"full-{number}", -600) for number in range(20)))
    runs = [one for one, _ in statements(table, ADDRESS) if one.run is not None]
    assert len(runs) == 1
    put(table, said("erased", 0))

    def meanwhile() -> None:
        forget_public(table, ADDRESS, [said("erased", 0)])
        put(table, said("real", 30))

    put(Interrupted(table, {4: meanwhile}), said("late", 1))
    [run] = [one for one, _ in statements(table, ADDRESS) if one.run is not None and one.run.first_received > at(-1)]
    assert run.run is not None
    assert (run.run.counts_from, run.run.count) == (at(30), 2)


def test_a_place_that_somebody_took_meanwhile_is_not_freed() -> None:
    """Two workers take the same statement out, and another one takes its place before the slower of them is done."""
    table = MemoryTable()
    store = PublicConsents(table)
    store.put([ConsentRecord((ADDRESS,), FIRST)])
    [erased] = table.query(ADDRESS).items
    other = MemoryTable()
    number = 0
    while not (same := other.get(ADDRESS, erased["sk"])):
        number += 1
        PublicConsents(other).put([ConsentRecord((ADDRESS,), said(f"m-{number}", 5))])

    def meanwhile() -> None:
        forget_public(table, ADDRESS, [FIRST])
        store.put([ConsentRecord((ADDRESS,), said(same["id"], 5))])

    forget_public(Interrupted(table, {2: meanwhile}), ADDRESS, [FIRST])
    assert [item["id"] for item in table.query(ADDRESS).items] == [same["id"]]
