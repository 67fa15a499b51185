"""Typing somebody's address gives nobody her data, and keeps her from nothing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.copy_files import place_of
from tests.support.cases import also_long, cases
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, WEB_KEY
from tests.unit.privacy.person import Person, hidden

pytestmark = pytest.mark.unit
HERS, HIS, PHONE = "hers@example.com", "his@example.com", "+905321112233"
ACCOUNT = {HERS: "500", HIS: "666"}


def record(person: Person, user: str, address: str, **more: Any) -> None:
    """The shop's own record of an account."""
    told(person.shop.world, userId=user, type="identify", traits={"email": address, **more})


def order(person: Person, name: str, user: str = "", *, email: str = "", phone: str = "") -> None:
    """An order with what was typed at the checkout."""
    typed = {kind: value for kind, value in (("email", email), ("phone", phone)) if value}
    told(
        person.shop.world, userId=user or None, event="Order Completed", messageId=name,
        properties={"order_id": name, "total": 5}, context={"traits": typed},
    )  # fmt: skip


def copy_of(person: Person, address: str) -> str:
    """What the page gives to the reader of a mailbox."""
    link = person.link(address)
    proof = person.proof(link)
    page = person.post(link, step="confirm", proof=proof, right="export")["body"]
    case = hidden(page, "case")
    person.privacy()
    with zipfile.ZipFile(io.BytesIO(person.shop.files.kept[place_of(case)])) as copy:
        return copy.read("data.json").decode()


def erase(person: Person, address: str) -> str:
    link = person.link(address)
    proof = person.proof(link)
    page = str(person.post(link, step="choose", proof=proof, right="erase")["body"])
    person.post(link, step="confirm", proof=proof, right="erase")
    person.privacy()
    return page


def orders_in(text: str) -> set[str]:
    return set(re.findall(r'"order_id": "([\w-]+)"', text))


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.mark.parametrize("typed_first", [True, False])
def test_who_types_her_address_locks_nobody_out(person: Person, typed_first: bool) -> None:
    """Signed in as 666 he names her address, before or after she has an account: she gets all of hers, and none of
    his; he gets all of his, and none of hers."""
    record(person, "666", HIS)
    if typed_first:
        order(person, "his-1", "666", email=HERS)
    order(person, "hers-guest", email=HERS)
    record(person, "500", HERS)
    order(person, "hers-1", "500", email=HERS)
    if not typed_first:
        order(person, "his-1", "666", email=HERS)
    person.shop.fold()
    assert orders_in(copy_of(person, HERS)) == {"hers-guest", "hers-1"}
    assert orders_in(copy_of(person, HIS)) == {"his-1"}


def test_a_guest_whose_address_was_typed_acts_on_what_is_hers(person: Person) -> None:
    """She has no account: her orders are under the address alone, which belongs to his tree. They are hers."""
    order(person, "hers-guest", email=HERS)
    record(person, "666", HIS)
    order(person, "his-1", "666", email=HERS)
    person.shop.fold()
    assert orders_in(copy_of(person, HERS)) == {"hers-guest"}
    assert orders_in(copy_of(person, HIS)) == {"his-1"}
    before = person.shop.of("user:666")
    erase(person, HERS)
    assert "hers-guest" not in person.shop.everything()
    changed = {sk for sk, item in person.shop.of("user:666").items() if item != before.pop(sk)} | set(before)
    assert changed == {"customer", f"owns#{person.shop.world.keys(parse_identifier(f'email:{HERS}'))}"}
    person.shop.fold()
    assert person.shop.tree("user:666").profile().orders


def test_what_was_bought_under_a_typed_phone_number_is_a_case_for_the_shop(person: Person) -> None:
    """He types her number: her orders in the store are neither in his copy nor in his erasure. The page says that the
    shop answers for them, and a case waits there."""
    order(person, "store-1", phone=PHONE)
    record(person, "666", HIS)
    order(person, "his-1", "666", email=HIS, phone=PHONE)
    order(person, "store-2", phone=PHONE)
    person.shop.fold()
    assert orders_in(copy_of(person, HIS)) == {"his-1"}
    page = erase(person, HIS)
    assert "Telefon numaranız" in page
    left = person.shop.everything()
    assert "his-1" not in left
    assert HIS not in left
    assert {"store-1", "store-2"} <= {one for one in ("store-1", "store-2") if one in left}
    assert [member.name for member in person.shop.tree(f"phone:{PHONE}").members] == [f"phone:{PHONE}"]
    waiting = person.shop.world.get("/v1/cases", query={"state": "waiting"})[1]["items"]
    assert sorted(case["right"] for case in waiting) == ["erase", "export"]
    for case in waiting:  # he called the number
        assert person.shop.world.post(f"/v1/cases/{case['id']}", {"action": "carry_out"}, ADMIN_KEY)[0] == 200
    person.shop.work()
    assert "store-1" not in person.shop.everything()


def test_the_shop_may_erase_the_number_while_his_erasure_still_runs(person: Person) -> None:
    """His erasure leaves the number out, so that the case about it gets one of its own, and both end."""
    order(person, "store-1", phone=PHONE)
    record(person, "666", HIS)
    order(person, "his-1", "666", email=HIS, phone=PHONE)
    person.shop.fold()
    link = person.link(HIS)
    person.post(link, step="confirm", proof=person.proof(link), right="erase")
    cases_now = person.shop.world.get("/v1/cases")[1]["items"]
    about_the_number = next(case for case in cases_now if case["state"] == "open")
    acted = person.shop.world.post(f"/v1/cases/{about_the_number['id']}", {"action": "carry_out"}, ADMIN_KEY)
    assert acted[0] == 200
    person.privacy()
    person.shop.work()
    assert "store-1" not in person.shop.everything()
    assert {case["state"] for case in person.shop.world.get("/v1/cases")[1]["items"]} == {"done"}


def test_his_wrong_codes_take_nothing_from_her(person: Person) -> None:
    """Her address is joined to his account, because he typed it. He uses up his tries; she has all of hers."""
    order(person, "hers-guest", email=HERS)
    record(person, "666", HIS)
    order(person, "his-1", "666", email=HERS)
    person.shop.fold()
    link = person.link(HIS)
    for _ in range(3):
        sent, digits = person.code(link)
        for _ in range(6):
            person.post(link, step="prove", sent=sent, code=f"{(int(digits) + 1) % 10**6:06}")
    assert person.post(link, step="prove", sent=sent, code=digits)["statusCode"] == 429
    assert orders_in(copy_of(person, HERS)) == {"hers-guest"}


def test_a_number_that_only_he_named_goes_with_him(person: Person) -> None:
    """Nothing was said of it alone: it is deleted, and who uses it from now on is not refused."""
    record(person, "666", HIS, phone=PHONE)
    order(person, "his-1", "666", email=HIS, phone=PHONE)
    person.shop.fold()
    assert PHONE[1:] in copy_of(person, HIS)
    page = erase(person, HIS)
    assert "Telefon numaranız" not in page
    assert PHONE[1:] not in person.shop.everything()
    order(person, "store-1", phone=PHONE)
    assert person.shop.fold() == 0
    assert "store-1" in person.shop.everything()


def test_an_address_that_was_only_typed_proves_no_account(person: Person) -> None:
    """A mistake at the checkout of 666 does not show his orders to the stranger whose address it is."""
    order(person, "his-1", "666", email=HERS)
    person.shop.fold()
    person.post("/privacy", email=HERS)
    assert person.read_mails() == []
    order(person, "hers-guest", email=HERS)
    person.shop.fold()
    assert orders_in(copy_of(person, HERS)) == {"hers-guest"}


def test_an_old_address_opens_nothing_of_the_account(person: Person) -> None:
    """The account moved to another mailbox; who has the old one now sees only what he bought with it alone."""
    record(person, "500", "old@example.com")
    order(person, "hers-1", "500")
    record(person, "500", HERS)
    order(person, "new-holder", email="old@example.com")
    person.shop.fold()
    for address in ("old@example.com", HERS):
        person.post("/privacy", email=address)
    assert person.read_mails() == []


TYPED = st.tuples(
    st.sampled_from(["500", "666", ""]), st.sampled_from(["", HERS, HIS]), st.sampled_from(["", PHONE])
).filter(any)


@given(st.lists(TYPED, min_size=1, max_size=8), st.permutations([HERS, HIS]))
@also_long
@cases(8, 200)
def test_whatever_is_typed(said: Sequence[tuple[str, str, str]], recorded: Sequence[str]) -> None:
    """Each of the two gets what his account did, and what was said under his address alone; nothing else. Guests name
    one address, as connected shops do; who is signed in types anything."""
    person, mine = Person(), {HERS: set[str](), HIS: set[str]()}
    record(person, ACCOUNT[recorded[0]], recorded[0])
    for number, (user, email, phone) in enumerate(said):
        order(person, f"order-{number}", user, email=email, phone="" if not user and email else phone)
        if number == len(said) // 2:
            record(person, ACCOUNT[recorded[1]], recorded[1])
        whose = next((address for address, account in ACCOUNT.items() if account == user), email)
        if whose:
            mine[whose].add(f"order-{number}")
    person.shop.fold()
    for address, orders in mine.items():
        text = copy_of(person, address)
        told_orders = {line["properties"]["order_id"] for line in json.loads(text)["items"] if line["properties"]}
        assert told_orders == orders
        assert orders_in(text) == orders
    erase(person, HERS)
    left = person.shop.everything()
    assert not [name for name in mine[HERS] if f"'{name}'" in left]
    assert [name for name in mine[HIS] if f"'{name}'" not in left] == []


def test_what_an_operator_parted_is_not_in_the_copy_and_not_erased(person: Person) -> None:
    """Her brother's laptop: released it is another person's, linked again it is hers."""
    world = person.shop.world
    record(person, "500", HERS)
    told(world, WEB_KEY, userId=None, anonymousId="b-1", event="Looked", messageId="on-the-laptop")
    told(world, WEB_KEY, userId="500", anonymousId="b-1", event="Looked", messageId="signed-in")
    person.shop.fold()
    assert "on-the-laptop" in copy_of(person, HERS)
    for word, found in (("release", False), ("relink", True), ("release", False)):
        world.clock.advance(timedelta(days=1))
        said = {"owner": "user:500", "reason": "her brother's"}
        assert world.post(f"/v1/customers/anonymous:b-1/{word}", said, ADMIN_KEY)[0] == 202
        person.shop.fold()
        assert ("on-the-laptop" in copy_of(person, HERS)) is found
    erase(person, HERS)
    assert "on-the-laptop" in person.shop.everything()
    assert "signed-in" not in person.shop.everything()


def test_two_accounts_that_were_merged_are_one_person(person: Person) -> None:
    """By an alias of the shop. The copy of each address holds both; with two addresses in the records, or with the
    alias undone, it does not."""
    world = person.shop.world
    record(person, "500", HERS)
    order(person, "hers-1", "500")
    order(person, "hers-2", "501")
    person.shop.fold()
    assert orders_in(copy_of(person, HERS)) == {"hers-1"}
    told(world, type="alias", userId="500", previousId="501", messageId="alias")
    person.shop.fold()
    world.clock.advance(timedelta(days=1))
    assert orders_in(copy_of(person, HERS)) == {"hers-1", "hers-2"}
    assert world.post("/v1/customers/user:501/release", {"owner": "user:500", "reason": "two"}, ADMIN_KEY)[0] == 202
    person.shop.fold()
    assert orders_in(copy_of(person, HERS)) == {"hers-1"}
    record(person, "501", HIS)
    assert world.post("/v1/customers/user:501/relink", {"owner": "user:500", "reason": "one"}, ADMIN_KEY)[0] == 202
    person.shop.fold()
    world.clock.advance(timedelta(days=1))
    person.post("/privacy", email=HERS)
    assert person.read_mails() == []
