"""The monthly digest is mailed to the team once, and only if something changed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from functions.measure.mail_digest import DigestNotMailed, mail_digest, month_before
from functions.measure.month_environment import Environment
from functions.measure.on_month import respond
from shared.adapters.folder_objects import FolderObjects
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import milliseconds
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused
from shared.ports.team_mail import TeamMail
from shared.stores.digests import Digests
from tests.support.lake_rows import put_raw

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 8, 7, tzinfo=UTC)
SHOP = Shop(name="Kervan & Moda", languages=("en",), digest_to=("ayse@shop.example", "team@shop.example"))


class Stopped:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Mailbox:
    """Takes mails, or answers as told."""

    def __init__(self, *answers: Answer | type[BaseException]) -> None:
        self.mails: list[tuple[tuple[str, ...], TeamMail]] = []
        self._answers = list(answers)

    def mail(self, to: Sequence[str], mail: TeamMail) -> Answer:
        answer = self._answers.pop(0) if self._answers else Accepted("1")
        if isinstance(answer, type):
            raise answer
        if isinstance(answer, Accepted):
            self.mails.append((tuple(to), mail))
        return answer


def lake(root: Path, *, changed: bool) -> FolderObjects:
    """Orders of October and September: on the web, and of October in the store if something changed."""
    rows = []
    for n in range(240):
        now = n % 2 == 0
        at = milliseconds(datetime(2026, 10 if now else 9, 5, tzinfo=UTC) + timedelta(hours=n))
        often = 5 if now and changed else 2
        channel = "store" if n // 2 % 10 < often else "web"
        rows.append(
            (
                "orders",
                {
                    "home": f"u.{n}", "order_id": f"o{n}", "version": 1, "decided_at": at, "ordered_at": at,
                    "state": "completed", "channel": channel, "total": "10.00", "refunded": "0.00", "currency": "TRY",
                },
            )
        )  # fmt: skip
    put_raw(root, "2026/11/01/00/file", rows, packed=True)
    return FolderObjects(root)


@pytest.fixture(scope="module")
def changed() -> Iterator[FolderObjects]:
    with tempfile.TemporaryDirectory() as made:
        yield lake(Path(made), changed=True)


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


def mailed(
    objects: FolderObjects, table: MemoryTable, mailer: Mailbox | None, now: datetime = NOW, shop: Shop = SHOP
) -> str:
    return mail_digest(objects, shop, Digests(table, Stopped()), mailer, now, memory_mb=200)


def test_a_month_is_mailed_once(changed: FolderObjects, table: MemoryTable) -> None:
    """To all of the team with one request, with the page of the report; however often the schedule comes."""
    box = Mailbox()
    assert [mailed(changed, table, box, NOW + timedelta(days=days)) for days in (0, 0, 1, 22)] == [
        "mailed",
        *["done"] * 3,
    ]
    ((to, mail),) = box.mails
    assert to == SHOP.digest_to
    assert (mail.subject, mail.file_name) == ("Kervan & Moda: what changed in 2026-10", "digest-2026-10.html")
    assert mail.page.startswith("<!doctype html>")
    assert "What changed" in mail.page
    for said in (mail.html, mail.text):
        assert "2026-10-01 to 2026-10-31" in said
        assert all(word in said for word in ("To try: ", "store", "%"))
        assert "bounce" not in said  # a section without a change is not there
    assert not any(word in mail.html for word in ("<script", "http"))


def test_where_nothing_changed_nothing_is_mailed(tmp_path: Path, table: MemoryTable) -> None:
    """The month counts as told: rows that come later do not bring a mail."""
    box = Mailbox()
    objects = lake(tmp_path, changed=False)
    assert [mailed(objects, table, box) for _ in range(2)] == ["nothing", "done"]
    assert box.mails == []


@pytest.mark.parametrize("answer", [Postponed("throttled"), Refused("provider_message_rejected")])
def test_what_surely_did_not_go_out_is_tried_again(changed: FolderObjects, table: MemoryTable, answer: Answer) -> None:
    """The failure is an error of the function, which an alarm hears; the next day mails it."""
    box = Mailbox(answer)
    with pytest.raises(DigestNotMailed, match="2026-10") as failed:
        mailed(changed, table, box)
    assert "@" not in str(failed.value)
    assert mailed(changed, table, box) == "mailed"
    assert len(box.mails) == 1


def test_what_may_have_gone_out_is_not_mailed_again(changed: FolderObjects, table: MemoryTable) -> None:
    """No answer, or a run that ended before it could say: told once, then left alone."""
    box = Mailbox(Ambiguous("timeout"))
    with pytest.raises(DigestNotMailed):
        mailed(changed, table, box)
    assert mailed(changed, table, box) == "done"
    crashed, other = MemoryTable(), Mailbox(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        mailed(changed, crashed, other)
    with pytest.raises(DigestNotMailed, match="may have gone out"):
        mailed(changed, crashed, other)
    assert mailed(changed, crashed, other) == "done"
    assert box.mails == other.mails == []


def test_two_runs_at_once_mail_once(changed: FolderObjects, table: MemoryTable) -> None:
    """Both saw an open month; one gets it."""
    digests = Digests(table, Stopped())
    assert digests.state("2026-10") == "open"
    assert [digests.change("2026-10", "open", "mailing") for _ in range(2)] == [True, False]
    assert not digests.change("2026-09", "mailing", "mailed")


def test_it_waits_for_late_answers_and_needs_recipients(changed: FolderObjects, table: MemoryTable) -> None:
    """Until the eighth of the local month nothing is asked; without recipients or a sender never."""
    box = Mailbox()
    assert mailed(changed, table, box, datetime(2026, 11, 7, 20, 59, tzinfo=UTC)) == "early"
    assert mailed(changed, table, None) == "off"
    assert mailed(changed, table, box, shop=Shop(name="x")) == "off"
    assert (table.items(), box.mails) == ([], [])
    assert mailed(changed, table, box, datetime(2026, 11, 7, 21, tzinfo=UTC)) == "mailed"  # the 8th in Istanbul


def test_the_month_is_one_of_the_shop() -> None:
    istanbul = ZoneInfo("Europe/Istanbul")
    first, last = month_before(datetime(2027, 1, 8, tzinfo=UTC), istanbul)
    assert (str(first), str(last)) == ("2026-12-01", "2026-12-31")
    assert str(month_before(datetime(2026, 2, 28, 21, tzinfo=UTC), istanbul)[0]) == "2026-02-01"


def test_a_shop_without_definitions_mails_nothing(tmp_path: Path, table: MemoryTable) -> None:
    composed = Environment(FolderObjects(tmp_path), table, Stopped(), lambda _: Mailbox(), tmp_path, 200)
    assert respond(composed) == {"digest": "off"}
    assert json.dumps(table.items()) == "[]"


@pytest.mark.parametrize("wrong", ["team", "a@b@c", "a b@shop.example"])
def test_recipients_are_addresses(wrong: str) -> None:
    with pytest.raises(ValueError, match="an e-mail address"):
        Shop(name="x", digest_to=(wrong,))
