"""What an erasure took away and somebody wrote anew is left alone by whoever read the old one: runs and places."""

from __future__ import annotations

from msgspec import structs

from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.stores.consent_items import consent_items, put_first, read_consent, statements
from shared.stores.forget_consents import forget_public, forget_said, verbatim
from shared.stores.public_consents import PublicConsents
from tests.support.cases import UNIT
from tests.unit.ingest.test_public_consents import ADDRESS, SMALL, Interrupted, at

pytestmark = UNIT
HOME = "u.1"
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


def test_a_run_that_somebody_went_on_with_meanwhile_is_not_deleted() -> None:
    """An erasure takes the only statement out of a run while another one is folded into it: that one stays."""
    table = MemoryTable()
    put(table, *(said(f"full-{number}", -600) for number in range(20)))
    put(table, said("erased", 0))
    meanwhile = Interrupted(table, {4: lambda: put(table, said("real", 1))})
    assert forget_public(meanwhile, ADDRESS, [said("erased", 0)]) == 1
    runs = [one for one, _ in statements(table, ADDRESS) if one.run is not None]
    assert [(one.message_id, one.run.count) for one in runs if one.run and one.received_at > at(-1)] == [("real", 1)]


def test_a_statement_that_two_writers_fold_into_two_runs_counts_once() -> None:
    """It is sent again while the first writer waits, and another run has begun by then."""
    table = MemoryTable()
    put(table, *(said(f"full-{number}", -600) for number in range(20)), said("earlier", 0))
    same = said("same", 1)

    def meanwhile() -> None:
        put(table, said("later", 100))
        put(table, structs.replace(same, received_at=at(100)))

    assert PublicConsents(Interrupted(table, {4: meanwhile}), SMALL).put([ConsentRecord((ADDRESS,), same)]) == 0
    folded = [one.run.count for one, _ in statements(table, ADDRESS) if one.run is not None]
    assert sum(folded) == len(list(verbatim(table, ADDRESS)))
    assert len(folded) == 3


def test_who_deletes_events_is_told_where_their_trusted_statements_lie() -> None:
    """A grant under the customer and the address that it names; a refusal stays under the address."""
    table = MemoryTable()
    granted = structs.replace(FIRST, message_id="yes", granted=True, may_grant=True, public=False)
    refused = structs.replace(FIRST, message_id="no", public=False)
    other = structs.replace(granted, message_id="another")
    for one in (granted, refused, other):
        put_first(table, consent_items(ConsentRecord((HOME, ADDRESS), one), trusted=True))
    keys = {one.message_id: item["sk"] for item in table.query(HOME).items for one in [read_consent(item)]}
    places = forget_said(table, HOME, {"yes", "no"})
    assert places == {(HOME, keys["yes"]), (ADDRESS, keys["yes"]), (HOME, keys["no"])}
    assert {item["sk"] for item in table.query(HOME).items} == set(keys.values())


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
