"""A person asks by himself: link, code, choice, confirmation. Nobody learns who is a customer, and nobody else acts."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.copy_files import place_of
from shared.operators.person_copy import MOST_BYTES, write_copy
from shared.queries.proven_person import proven_person
from shared.stores.customers import CustomerStore
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import STORE_KEY
from tests.unit.privacy.person import ADDRESS, Person, hidden
from tests.unit.privacy.shop import MARK
from tests.unit.privacy.test_erasing_conversations import wrote

pytestmark = pytest.mark.unit


@pytest.fixture
def person() -> Person:
    return Person()


def test_the_answer_is_the_same_for_everybody(person: Person) -> None:
    """To the byte, known or not, and each costs the same requests; only the customer's own mailbox gets a mail."""
    answers = []
    for address in (ADDRESS, "nobody@example.com", "can@example.com"):
        answers.append(person.post("/privacy", email=address))
        assert len(person.mails.bodies) == len(answers)
    assert answers[0] == answers[1] == answers[2]
    sent = person.read_mails()
    assert [mail.address.key for mail in sent] == [person.shop.world.keys(parse_identifier(f"email:{ADDRESS}"))]
    unknown = person.shop.world.keys(parse_identifier("email:nobody@example.com"))
    assert not [item for item in person.shop.world.messages.items() if item.get("home") == unknown]


def test_three_links_a_day_to_one_address(person: Person) -> None:
    """The fourth is not sent and not told; another day it is."""
    for count in (1, 2, 3, 3):
        person.shop.world.clock.advance(timedelta(seconds=1))
        person.post("/privacy", email=ADDRESS.upper())
        assert len(person.mails.bodies) == count
    person.shop.world.clock.advance(timedelta(days=1))
    person.post("/privacy", email=ADDRESS)
    assert len(person.mails.bodies) == 4


def test_a_visitor_is_bounded(person: Person) -> None:
    """From one network as many as sign-ups: then 429, whatever the address."""
    statuses = [person.post("/privacy", email=f"a{number}@example.com")["statusCode"] for number in range(61)]
    assert statuses == [200] * 60 + [429]


def test_nothing_personal_is_in_an_address(person: Person) -> None:
    """Neither in the link, nor in a form's action; no page says who it is about before the code."""
    link = person.link()
    assert ADDRESS not in link
    assert MARK not in link
    page = person.get(link)
    for value in (MARK, ADDRESS, "user:42", "Order"):
        assert value not in page["body"]
    assert page["headers"]["referrer-policy"] == "no-referrer"
    assert "<script" not in page["body"]
    assert re.findall(r'action="([^"]*)"', page["body"]) == ["?lang=tr"]
    assert '<a href="?lang=en"' in page["body"]


def test_a_link_alone_does_nothing(person: Person) -> None:
    """Scanners open links; who has the link and not the mailbox gets no further, and guesses are counted."""
    link = person.link()
    before = person.shop.world.customers.items()
    assert person.get(link)["statusCode"] == 200
    assert person.post(link, step="confirm", right="erase", proof="x")["statusCode"] == 400
    assert person.post(link, step="confirm", right="erase", proof=urlsplit(link).path[9:])["statusCode"] == 400
    assert person.shop.world.customers.items() == before
    assert person.shop.world.get("/v1/cases")[1]["items"] == []
    sent, digits = person.code(link)
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for _ in range(5):
        assert person.post(link, step="prove", sent=sent, code=wrong)["statusCode"] == 400
    assert person.post(link, step="prove", sent=sent, code=digits)["statusCode"] == 400


def test_links_codes_and_proofs_grow_old(person: Person) -> None:
    link = person.link()
    sent, digits = person.code(link)
    person.shop.world.clock.advance(timedelta(minutes=30))
    assert person.post(link, step="prove", sent=sent, code=digits)["statusCode"] == 400
    proof = person.proof(link)
    person.shop.world.clock.advance(timedelta(minutes=30))
    assert person.post(link, step="confirm", proof=proof, right="erase")["statusCode"] == 400
    person.shop.world.clock.advance(timedelta(hours=24))
    assert person.get(link)["statusCode"] == 400
    assert person.shop.world.get("/v1/cases")[1]["items"] == []


def test_a_proof_of_one_is_none_of_another(person: Person) -> None:
    """Can's code and proof do not open Ayşe's link."""
    told(person.shop.world, STORE_KEY, userId="77", type="identify", traits={"email": "can@example.com"})
    person.shop.fold()
    link, theirs = person.link(), person.link("can@example.com")
    sent, digits = person.code(theirs)
    assert person.post(link, step="prove", sent=sent, code=digits)["statusCode"] == 400
    proof = person.proof(theirs)
    assert person.post(link, step="confirm", proof=proof, right="erase")["statusCode"] == 400
    assert person.shop.world.get("/v1/cases")[1]["items"] == []


def test_a_mailbox_of_two_customers_proves_nobody(person: Person) -> None:
    """A family's mailbox: its reader could see the other's data, so no mail comes and the shop answers by hand."""
    told(person.shop.world, STORE_KEY, userId="77", type="identify", traits={"email": ADDRESS})
    person.shop.fold()
    person.post("/privacy", email=ADDRESS)
    assert person.read_mails() == []


def test_an_address_beside_another_proves_nobody(person: Person) -> None:
    """One of earlier days may be somebody else's by now, whoever names it last: there the shop decides."""
    world = person.shop.world
    home = world.keys(parse_identifier(f"email:{ADDRESS}"))
    store, now = CustomerStore(world.customers), world.clock.now()
    proven = proven_person(store, home, world.keys, now)
    assert proven is not None
    assert proven.address.key == home
    for address in ("new@example.com", ADDRESS):
        told(world, STORE_KEY, type="identify", traits={"email": address}, messageId=f"changed-{address}")
        person.shop.fold()
        for one in (address, ADDRESS):
            assert proven_person(store, world.keys(parse_identifier(f"email:{one}")), world.keys, now) is None


def test_erased_by_himself(person: Person) -> None:
    """What happens is said before it happens; the case is the person's, and nothing of him is left."""
    page = person.do("erase")
    [case] = person.shop.world.get("/v1/cases")[1]["items"]
    assert case["id"] in page
    assert [one["by"] for one in case["log"]] == ["person", "person"]
    person.privacy()
    assert MARK not in person.shop.everything()
    assert person.shop.world.get(f"/v1/cases/{case['id']}")[1]["state"] == "done"


def test_the_copy_is_his_and_goes_after_a_day(person: Person) -> None:
    """Not ready, then a link for ten minutes; the ZIP holds his data; who was erased has no copy."""
    link = person.link()
    proof = person.proof(link)
    page = person.post(link, step="confirm", proof=proof, right="export")["body"]
    case = hidden(page, "case")
    assert "bucket.example" not in page
    person.privacy()
    page = person.post(link, step="state", proof=proof, case=case)["body"]
    assert f"https://bucket.example/{place_of(case)}?for=600" in page
    with zipfile.ZipFile(io.BytesIO(person.shop.files.kept[place_of(case)])) as copy:
        data = json.loads(copy.read("data.json"))
        assert "canary-order-3" in json.dumps(data)
        assert "conversations" in data
        assert "canary-order-3" in copy.read("index.html").decode()
    erase = person.shop.world.post("/v1/customers/user:42/erasure", {}, "admin-key")
    assert erase[0] == 202
    person.work.send_many(person.shop.world.erasures.bodies)
    person.privacy()
    assert place_of(case) not in person.shop.files.kept


def test_a_copy_of_another_is_not_shown(person: Person) -> None:
    """The number of Can's case in Ayşe's form opens nothing."""
    _, theirs = person.shop.world.post("/v1/customers/user:77/cases", {"right": "export"}, "admin-key")
    link = person.link()
    proof = person.proof(link)
    assert person.post(link, step="state", proof=proof, case=theirs["id"])["statusCode"] == 400
    assert person.post(link, step="state", proof=proof, case="none")["statusCode"] == 404


@pytest.mark.parametrize("right", ["restrict", "object"])
def test_restricted_and_taken_back(person: Person, right: str) -> None:
    """Who restricted is still sent his link, or he could not take it back."""
    person.do(right)
    tree = person.shop.tree("user:42")
    assert [mark.case for member in tree.members for mark in member.control.rights]
    person.shop.world.clock.advance(timedelta(minutes=5))
    link = person.link()
    proof = person.proof(link)
    shown = person.post(link, step="choices", proof=proof)["body"]
    assert re.findall(r'name="right" value="(\w+)"', shown).count(right) == 0
    person.post(link, step="confirm", proof=proof, right=f"lift_{right}")
    [case] = person.shop.world.get("/v1/cases")[1]["items"]
    assert (case["state"], case["log"][-1]["by"]) == ("lifted", "person")


@pytest.mark.parametrize(
    "form",
    [{}, {"step": "all"}, {"step": "prove"}, {"step": "prove", "sent": "x" * 300, "code": "1"}, {"step": "choose"}],
    ids=str,
)
def test_forms_of_others_are_refused(person: Person, form: dict[str, str]) -> None:
    assert person.post(person.link(), **form)["statusCode"] == 400


@pytest.mark.parametrize("address", ["", "ayse", "a@b@c", "\x00@x.y", "a" * 400 + "@example.com"])
def test_what_is_no_address_is_told(person: Person, address: str) -> None:
    assert person.post("/privacy", email=address)["statusCode"] == 400
    assert person.mails.bodies == []


def test_the_copy_holds_the_files_of_his_conversations(person: Person) -> None:
    """What he sent, named in the page and in the data; what is gone is said, and nothing of anybody else is there."""
    shop = person.shop
    own = wrote(shop, "email:canary@example.com", "m2", f"{MARK} photo")
    wrote(shop, "user:77", "m3", "theirs")
    second = wrote(shop, "email:canary@example.com", "m4", "gone")
    assert own == second
    for key in [key for key, content in shop.files.kept.items() if content == b"gone"]:
        del shop.files.kept[key]
    link = person.link()
    proof = person.proof(link)
    case = hidden(person.post(link, step="confirm", proof=proof, right="export")["body"], "case")
    person.privacy()
    with zipfile.ZipFile(io.BytesIO(shop.files.kept[place_of(case)])) as copy:
        [name] = [one for one in copy.namelist() if one.startswith("files/")]
        assert copy.read(name) == f"{MARK} photo".encode()
        data, page = json.loads(copy.read("data.json")), copy.read("index.html").decode()
    said = [file for one in data["conversations"] for message in one["messages"] for file in message["attachments"]]
    assert [(file.get("copied"), file.get("left_out")) for file in said] == [(name, None), (None, "gone")]
    assert name in page
    assert "theirs" not in json.dumps(data)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b.png", "C:\\x.exe", "", ".", "x\nfiles/y"])
def test_no_name_of_a_file_leaves_its_folder(name: str, tmp_path: Path) -> None:
    attachment = {"name": name, "type": "image/png", "size": 1, "refused": None, "number": 1}
    message = {
        "id": "a" * 26, "conversation": "c", "at": "2026-11-30T10:00:00.000Z", "direction": "in", "channel": "email",
        "subject": "", "text": "x", "attachments": [attachment],
    }  # fmt: skip
    large = {**message, "attachments": [{**attachment, "size": MOST_BYTES + 1}]}
    copied = {**EMPTY_COPY, "conversations": [{"messages": [message, large]}]}

    def fetch(_message: Any, _number: int, folder: Path) -> Path:
        (folder / "file").write_bytes(b"x")
        return folder / "file"

    write_copy(copied, "en", tmp_path / "copy.zip", fetch)
    with zipfile.ZipFile(tmp_path / "copy.zip") as copy:
        [kept] = [one for one in copy.namelist() if one not in ("data.json", "index.html")]
        left = json.loads(copy.read("data.json"))["conversations"][0]["messages"][1]["attachments"][0]["left_out"]
    assert kept.startswith("files/2026-11-30-aaaaaaaa-1-")
    assert kept.count("/") == 1
    assert not {"\\", "\n"} & set(kept)
    assert left == "too_large"


EMPTY_COPY: dict[str, Any] = {
    "made_at": "2026-11-30T10:00:00.000Z", "items": [], "consents": {"items": []},
    "customer": {"identifiers": [], "traits": {}, "orders": {}, "segments": {}},
}  # fmt: skip
