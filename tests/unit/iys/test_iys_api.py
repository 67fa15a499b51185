"""IYS by its API: what each answer means for who asked, and that a token is asked for seldom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.iys_api import IysApi
from shared.domain.iys.statement import Upload
from shared.ports.iys import IysCursorLost, IysDown, IysForgotten, IysRefused, IysUnknown
from tests.unit.iys.world import START

ONE = Upload("ayse@example.com", "BIREYSEL", "EPOSTA", "ONAY", START, "HS_WEB")
TOKEN = {"access_token": "t", "expires_in": 7200}


class Wire:
    """Answers of IYS by turns: a status with its JSON, or an error of the connection."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Any, str]] = []
        self.time = 0.0

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        self.asked.append((method, url, json.loads(body) if body else None, headers.get("Authorization", "")))
        if url.endswith("/oauth2/token"):
            return HttpsAnswer(200, {}, json.dumps(TOKEN).encode())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, said = answer
        return HttpsAnswer(status, {}, said if isinstance(said, bytes) else json.dumps(said).encode())

    def api(self, **secrets: str) -> IysApi:
        user = secrets or {"username": "u", "password": "p"}
        return IysApi(self, code=7, brand=8, secrets=lambda: user, elapsed=lambda: self.time, base="https://iys.test")


def test_one_statement_as_it_is_on_the_wire() -> None:
    """Address, token, body; Turkey's time."""
    wire = Wire((200, {"transactionId": "x", "creationDate": "2026-11-23 12:00:00"}))
    assert wire.api().tell(ONE).state == "accepted"
    assert wire.asked[0][:3] == (
        "POST", "https://iys.test/oauth2/token", {"username": "u", "password": "p", "grant_type": "password"},
    )  # fmt: skip
    assert wire.asked[1] == (
        "POST",
        "https://iys.test/sps/7/brands/8/consents",
        {
            "type": "EPOSTA", "source": "HS_WEB", "recipient": "ayse@example.com", "status": "ONAY",
            "consentDate": "2026-11-23 12:00:00", "recipientType": "BIREYSEL",
        },
        "Bearer t",
    )  # fmt: skip


def test_a_token_is_kept_until_it_ends_or_is_refused() -> None:
    """7,200 seconds less one minute; a 401 asks for another one once."""
    wire = Wire(*[(200, {})] * 3, (401, {}), (200, {}))
    api = wire.api()
    for wire.time in (0.0, 7_139.0, 7_140.0, 7_141.0):
        api.tell(ONE)
    assert [url.endswith("token") for _, url, _, _ in wire.asked] == [
        True,
        False,
        False,
        True,
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (NeverLeft("x"), IysDown),
        (NoAnswer("x"), IysUnknown),
        ((500, {}), IysUnknown),
        ((502, b"<html>"), IysUnknown),
        ((429, {}), IysDown),
        ((403, {}), IysDown),
        ((404, {}), IysDown),
        ((200, b"<html>"), IysUnknown),
    ],
)
def test_what_may_have_arrived_is_told_apart(answer: Any, raised: type[Exception]) -> None:
    """A 5xx or no answer leaves it open whether IYS took a statement; everything else did not."""
    with pytest.raises(raised):
        Wire(answer).api().tell(ONE)
    with pytest.raises(raised):
        Wire(answer).api().tell_many([ONE, ONE])


@pytest.mark.parametrize("answer", [NoAnswer("x"), (500, {}), (200, b"<html>"), (200, {"list": 7}), (200, [])])
def test_a_question_without_an_answer_changes_nothing(answer: Any) -> None:
    with pytest.raises(IysDown):
        Wire(answer).api().changes("")


def test_refusals_and_outcomes() -> None:
    """The code of a refusal; places are counted from 1; what is neither taken nor refused waits."""
    errors = {"errors": [{"code": "H114", "location": ["recipient"], "message": "Alıcı"}]}
    assert Wire((422, errors)).api().tell(ONE).code == "H114"
    assert Wire((422, {"errors": [{"code": "<b>x</b>"}]})).api().tell(ONE).code == "unnamed"
    listed = [
        {"index": 1, "status": "failure", "error": {"code": "H155"}},
        {"index": 2, "status": "success"},
        {"index": 3, "status": "enqueue"},
    ]
    found = Wire((200, listed)).api().outcomes("r-1")
    assert [(one.index, one.state, one.code) for one in found] == [
        (0, "refused", "H155"), (1, "accepted", ""), (2, "pending", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_not_taken_as_it_is(status: int) -> None:
    """One statement is refused with a code; many are not taken as a whole, and that is another thing."""
    outcome = Wire((status, {})).api().tell(ONE)
    assert (outcome.state, outcome.code) == ("refused", "unnamed" if status == 422 else f"http_{status}")
    with pytest.raises(IysRefused):
        Wire((status, b"<html>")).api().tell_many([ONE, ONE])


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_what_iys_does_not_know(status: int) -> None:
    """A request, a recipient, a cursor. Without a cursor there is no list: the account is wrong."""
    with pytest.raises(IysForgotten):
        Wire((status, {})).api().outcomes("r-1")
    assert Wire((status, {})).api().known("a@b.example", "BIREYSEL", "EPOSTA") is None
    with pytest.raises(IysCursorLost):
        Wire((status, {})).api().changes("c-1")
    with pytest.raises(IysDown):
        Wire((status, {})).api().changes("")


def test_the_next_page_of_changes() -> None:
    """Where the list ended, until a page is not full; calls are left out."""
    row = {
        "recipient": "a@b.example", "recipientType": "BIREYSEL", "type": "EPOSTA", "status": "RET",
        "consentDate": "2026-11-20 12:00:00", "source": "IYS_WEB", "transactionId": "1",
    }  # fmt: skip
    full = {"after": "c-1", "list": [row] * 499 + [{**row, "type": "ARAMA"}]}
    wire = Wire((200, full), (200, {"after": "c-1", "list": []}))
    api = wire.api()
    page, more = api.changes("")
    assert (len(page.changes), page.unreadable, page.after, page.rows, more) == (499, (), "c-1", 500, True)
    page, more = api.changes(page.after)
    assert (page.changes, page.after, more) == ((), "c-1", False)
    assert wire.asked[-1][1].endswith("changes?source=IYS&limit=500&after=c-1")


def test_without_a_user_nothing_is_asked() -> None:
    wire = Wire()
    with pytest.raises(IysDown, match="secret_missing"):
        wire.api(username="u").changes("")
    assert wire.asked == []
