"""Somebody else wrote between the look and the write: the message is decided anew, by what is there now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.notify import service as notify
from functions.notify.service import TryAgain
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.ports import Conflict
from shared.stores.coupons import Candidate, Holder
from shared.stores.sends import put_sends
from tests.unit.notify.test_coupons import POOL, ask, codes, offer, selling
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit


def test_who_loses_the_last_place_of_the_day_waits_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another message of the customer takes it after the gates of this one were asked: one is sent."""
    shop = Shopping()
    shop.ayse()
    other = request("email", step="last", template="cart-last")
    before: list[Callable[[], Any]] = [lambda: shop.notifying().handle(other, MORNING)]

    def put(*given: Any) -> Any:
        if before:
            assert before.pop()().state is State.SENT
        return put_sends(*given)

    monkeypatch.setattr(notify, "put_sends", put)
    record = shop.notifying().handle(request("email", fresh_until_ms=2**42), MORNING)
    assert record.outcome == Deferred(MORNING + timedelta(hours=23), Reason.DAILY_CAP)
    assert len(shop.sender.sent) == 1


def test_who_loses_every_race_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times; then the queue offers the message again, and nothing was called."""
    shop, tried = Shopping(), []
    shop.ayse()

    def put(*given: Any) -> Any:
        tried.append(given)
        raise Conflict("somebody wrote")

    monkeypatch.setattr(notify, "put_sends", put)
    with pytest.raises(TryAgain) as again:
        shop.notifying().handle(request("email"), MORNING)
    assert (again.value.reason, again.value.args) == ("busy", ("busy",))
    assert (len(tried), shop.sender.sent) == (notify.RESERVING_TRIES, [])


def test_who_loses_a_code_shows_another() -> None:
    """Somebody claims it after it was noted. The note does not lead there again, and the first keeps his code."""
    shop = selling(stock=("KIS-1", "KIS-2"))
    service = shop.notifying()
    claim = service.coupons.codes.claim
    lost: list[str] = []

    def beaten(definition: Any, candidate: Any, wanted: Any) -> bool:
        if not lost:
            lost.append(candidate.code)
            assert claim(definition, candidate, replace(wanted, holder=Holder("another", "m", 1, "u.another")))
        return claim(definition, candidate, wanted)

    service.coupons.codes.claim = beaten  # type: ignore[method-assign, assignment]
    record = service.handle(offer(release=2), MORNING)
    assert record.state is State.SENT
    assert {record.coupon, *lost} == {"KIS-1", "KIS-2"}
    assert record.coupon in shop.sender.sent[0].content.html  # type: ignore[union-attr]
    owners = {code: found.holder.unit for code in ("KIS-1", "KIS-2") if (found := codes(shop).find(POOL.coupon, code))}
    assert owners.pop(lost[0]) == "another"
    assert list(owners) == [record.coupon]
    assert ask(shop, offer()).coupon == record.coupon


def test_while_another_attempt_takes_the_code_over_nobody_goes_on() -> None:
    """It is the same message: the other one sends it."""
    shop = selling()
    service = shop.notifying()

    def taken(*_: Any) -> bool:
        raise Conflict("taken over")

    service.coupons.codes.claim = taken  # type: ignore[method-assign, assignment]
    with pytest.raises(TryAgain, match=r"^busy$"):
        service.handle(offer(release=2), MORNING)
    assert shop.sender.sent == []


def test_a_code_that_others_keep_taking_over_is_given_back_later() -> None:
    """A worker noted the code and died. The message is skipped now, and the queue brings it again until the code is
    free."""
    shop = selling(stock=("KIS-1",))
    note_a_code(shop)
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1))
    service, tried = shop.notifying(), []

    def taken(*given: Any) -> bool:
        tried.append(given)
        raise Conflict("taken over")

    service.coupons.codes.give_back = taken  # type: ignore[method-assign, assignment]
    with pytest.raises(TryAgain, match=r"^busy$"):
        service.handle(offer(release=2), MORNING)
    assert len(tried) == 1
    assert ask(shop, offer()).outcome == Skipped(Reason.NO_CONSENT)
    (given,) = shop.notifying().contexts.read(offer(release=2), MORNING).sends.given.values()
    assert given.code == ""


def note_a_code(shop: Shopping) -> None:
    """As a worker leaves it who dies before he claims it."""
    service = shop.notifying()
    reading = service.contexts.read(offer(release=2), MORNING)
    chosen = service.coupons.choose(reading.context.request, reading, ())
    assert isinstance(chosen, Candidate)
    noted = service.coupons.noted(reading.context.request, reading, chosen, MORNING)
    put_sends(service.contexts.customers, reading.tree.root, noted)
