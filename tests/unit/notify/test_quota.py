"""The quota of SES: marketing leaves room for confirmations, waits spread over hours, and not if SES is silent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.ses_account import SesAccount, quota_of
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.domain.messages.sending_quota import SendingQuota, commercial_per_hour, commercial_room
from shared.stores.sending_quota import SendingQuotas
from tests.support.cases import UNIT, cases
from tests.unit.notify.outage import HOUR, MINUTE, Channels, Provider
from tests.unit.notify.world import MORNING, SHOP

pytestmark = UNIT


@dataclass
class Account:
    """SES: counts what it took in 24 hours, whoever sent it."""

    provider: Provider
    per_day: int | None = 100
    per_second: int = 1
    others: int = 0
    """What somebody else in the account sent."""
    more: dict[str, Any] = field(default_factory=dict)
    asked: list[datetime] = field(default_factory=list)
    silent: list[Exception] = field(default_factory=list)

    def __call__(self, now: datetime) -> SendingQuota:
        self.asked.append(now)
        if self.silent:
            raise self.silent[0]
        sent = sum(now - 24 * HOUR < at <= now for at, _ in self.provider.taken)
        return SendingQuota(now, self.per_day, self.per_second, sent + self.others, **self.more)


def shop(customers: int, **account: Any) -> tuple[Channels, Account]:
    channels = Channels(customers, Provider())
    ses = Account(channels.provider, **account)
    channels.shop.quota = ses
    channels.service = channels.shop.notifying(sender=channels.provider)
    return channels, ses


def handle(channels: Channels, number: int, now: datetime = MORNING, **more: Any) -> Any:
    wanted = channels.expect(number, now, 48 * HOUR, **more)
    channels.provider.now = now
    return channels.service.handle(wanted, now).outcome


def test_marketing_leaves_a_tenth_of_the_day_for_confirmations() -> None:
    """With what others in the account sent; a confirmation goes out when the marketing part is used."""
    channels, _ = shop(5, others=88)
    assert [handle(channels, number).at for number in (0, 1)] == [MORNING, MORNING]
    told = handle(channels, 2)
    assert isinstance(told, Deferred)
    assert (told.reason, told.detail) == (Reason.QUOTA, "100")
    assert MORNING < told.until <= MORNING + 2 * HOUR
    assert told.evidence == (
        {"kind": "quota", "id": "email", "at": "2026-11-23T07:00:00.000Z", "limit": "100", "sent": "88"},
    )
    assert handle(channels, 3, purpose="transactional").at == MORNING


def test_confirmations_near_the_end_take_the_place_of_marketing() -> None:
    """They count, and nothing holds them back."""
    channels, _ = shop(4, others=88)
    for number in range(3):
        assert handle(channels, number, purpose="transactional").at == MORNING
    assert handle(channels, 3).reason == Reason.QUOTA


def test_far_from_the_end_nothing_is_counted() -> None:
    """SES's own rate lets fewer through until the next readings: no write for a message, one question."""
    channels, ses = shop(30, per_day=50_000, per_second=14)
    for number in range(30):
        assert handle(channels, number, MORNING + number * timedelta(seconds=5)).at
    kept = [item for item in channels.shop.catalog.items() if str(item["sk"]).startswith(("reading#", "hour#"))]
    assert (len(ses.asked), kept) == (1, [])


def test_ses_is_asked_every_five_minutes_by_one_of_the_workers() -> None:
    """However many messages and workers there are."""
    channels, ses = shop(40, per_day=None)
    workers = [channels.service, *(channels.shop.notifying(sender=channels.provider) for _ in range(3))]
    for number in range(40):
        now = MORNING + number * MINUTE
        wanted = channels.expect(number, now, HOUR)
        assert workers[number % 4].handle(wanted, now).state is State.SENT
    assert ses.asked == [MORNING + 5 * number * MINUTE for number in range(8)]


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetAccount"),
        ReadTimeoutError(endpoint_url="https://email"),
        NotImplementedError("an emulator"),
        ValueError("SES says nothing of a quota"),
    ],
)
def test_a_question_without_an_answer_stops_nothing(error: Exception) -> None:
    """It is asked again after five minutes, and a reading that is too old holds nothing back."""
    channels, ses = shop(9, others=95)
    ses.silent = [error]
    assert handle(channels, 0).at == MORNING
    assert handle(channels, 1, MORNING + 4 * MINUTE).at
    assert len(ses.asked) == 1
    ses.silent = []
    assert handle(channels, 2, MORNING + 5 * MINUTE).reason == Reason.QUOTA
    ses.silent = [error]
    assert handle(channels, 3, MORNING + 19 * MINUTE).reason == Reason.QUOTA
    assert handle(channels, 4, MORNING + 20 * MINUTE).at == MORNING + 20 * MINUTE


def test_a_table_that_fails_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading could not be kept."""
    channels, ses = shop(1, others=95)

    def broken(*_: object) -> None:
        raise ConnectionError("catalog")

    monkeypatch.setattr(SendingQuotas, "store", broken)
    assert handle(channels, 0).at == MORNING
    assert ses.asked == [MORNING]


def test_an_account_that_may_not_send_gets_no_marketing_to_refuse() -> None:
    """It waits a quarter of an hour at a time; confirmations ask the provider."""
    channels, _ = shop(2, per_day=None, more={"enabled": False})
    told = handle(channels, 0)
    assert (told.reason, told.detail, told.until) == (Reason.QUOTA, "sending_disabled", MORNING + 15 * MINUTE)
    assert handle(channels, 1, purpose="transactional").at == MORNING


def test_what_finds_no_room_while_it_is_fresh_is_skipped_at_the_end() -> None:
    """It asks a last time, a minute before."""
    channels, _ = shop(1, others=100)
    wanted = channels.expect(0, MORNING, 30 * MINUTE)
    told = channels.service.handle(wanted, MORNING).outcome
    assert told == Deferred(MORNING + 29 * MINUTE, Reason.QUOTA, "100")
    assert channels.service.handle(wanted, MORNING + 29 * MINUTE).outcome == Skipped(Reason.QUOTA, "100")


def test_a_message_that_was_not_taken_leaves_its_place() -> None:
    """Another one gets it."""
    channels, _ = shop(4, others=89)
    channels.provider.bad = [(MORNING, MORNING + MINUTE, "refused")]
    assert handle(channels, 0).reason == Reason.PROVIDER_DOWN
    assert handle(channels, 1, MORNING + 2 * MINUTE).at
    assert handle(channels, 2, MORNING + 2 * MINUTE).reason == Reason.QUOTA


def test_a_campaign_beyond_the_quota_goes_out_over_days() -> None:
    """Three hundred messages with a hundred a day: never more than SES permits in any 24 hours, none dead, none lost,
    each decided three times or less on average."""
    channels, ses = shop(300)
    for number in range(300):
        channels.expect(number, MORNING, 120 * HOUR)
    channels.run_by_outcomes()
    taken = [at for at, _ in channels.provider.taken]
    assert len(taken) == 300
    for at in taken:
        assert sum(at - 24 * HOUR < other <= at for other in taken) <= 100
    assert channels.handled <= 3 * 300
    assert len(ses.asked) <= 120 * 12 + 1
    assert max(Counter(message for _, message in channels.provider.taken).values()) == 1


def by_day(**account: Any) -> tuple[Channels, Account]:
    """A shop that sends from 9 to 20 o'clock in Istanbul."""
    channels, ses = shop(0, **account)
    channels.shop.publish(SHOP.model_copy(update={"caps": {}}))
    channels.service = channels.shop.notifying(sender=channels.provider)
    return channels, ses


def local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("Europe/Istanbul"))


def test_nothing_waits_for_an_hour_of_the_night() -> None:
    """Who waited for one would be sent on to the morning, with everybody else: then a whole night asks at nine."""
    channels, _ = by_day()
    for number in range(240):
        channels._customer(number)
        channels.expect(number, MORNING, 120 * HOUR, release=2)
    asked, at_first = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    deferred = channels.service.handle

    def handle_and_note(wanted: Any, now: datetime) -> Any:
        record = deferred(wanted, now)
        if isinstance(record.outcome, Deferred):
            assert record.outcome.reason == Reason.QUOTA
            hour = (local(record.outcome.until).day, local(record.outcome.until).hour)
            asked[hour] += 1
            at_first[hour] += now == MORNING
        return record

    channels.service = SimpleNamespace(handle=handle_and_note)  # type: ignore[assignment]
    channels.run_by_outcomes()
    taken = [at for at, _ in channels.provider.taken]
    assert len(taken) == 240
    assert {local(at).hour for at in taken} <= set(range(9, 20))
    assert {hour for _, hour in asked} <= set(range(9, 20))
    assert max(at_first.values()) == 90 // 11  # an eleventh of a day's marketing waits for an hour
    assert max(asked.values()) <= 3 * 90 // 11
    assert channels.handled <= 4 * 240


@pytest.mark.parametrize(
    ("fresh_for", "last"),
    [(5 * HOUR, (14, 59)), (14 * HOUR, None), (25 * HOUR, (10, 59))],
    ids=["in the afternoon", "at night", "the next morning"],
)
def test_the_last_try_is_in_an_hour_in_which_it_may_be_sent(fresh_for: timedelta, last: tuple[int, int] | None) -> None:
    """A minute before it is stale; of a night, some minute between 19 and 20 o'clock."""
    channels, _ = by_day(others=100)
    channels._customer(0)
    wanted, now, times = channels.expect(0, MORNING, fresh_for, release=2), MORNING, list[datetime]()
    while isinstance(told := channels.service.handle(wanted, now).outcome, Deferred):
        now = told.until
        times.append(local(now))
    assert isinstance(told, Skipped)
    assert told.reason == Reason.QUOTA
    assert all(9 <= at.hour < 20 for at in times)
    if last is None:
        assert (times[-1].day, times[-1].hour) == (MORNING.day, 19)
        assert (times[-1].minute, times[-1].second) != (0, 0)  # not with all others
    else:
        assert (times[-1].hour, times[-1].minute) == last


@cases(60, 600)
@given(per_day=st.integers(1, 2_000), per_second=st.integers(1, 50), sent=st.integers(0, 3_000), lost=st.integers(0, 9))
def test_no_reading_lets_more_through_than_the_day_has(per_day: int, per_second: int, sent: int, lost: int) -> None:
    """What a reading permits, and what SES's rate lets through if it counts nothing, lies within the day."""
    quota = SendingQuota(MORNING, per_day, per_second, sent)
    room = commercial_room(quota)
    within = max(0, per_day - sent)
    assert (per_second * 900 if room is None else room) <= within or room == 0
    assert commercial_per_hour(quota) * 24 <= max(24, per_day)
    assert commercial_per_hour(quota, 11) * 11 <= max(11, per_day)
    if room:
        channels, _ = shop(0)
        channels.shop.quota = lambda _now: quota
        service = channels.shop.notifying(sender=channels.provider)
        gate: Any = service.counting_gates.gates[1]
        gate.quotas.store(quota)
        period = f"reading#{int(MORNING.timestamp() * 1000)}"
        places = sum(gate.allowances.spend(period, room, MORNING) for _ in range(room + lost))
        assert places == room


def test_answers_of_ses_are_read() -> None:
    """As the service documents them; without a limit it says -1."""
    said = {"SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 7.0}}
    told = {"SendingEnabled": True, "ProductionAccessEnabled": False, **said}
    assert quota_of(told, MORNING) == SendingQuota(MORNING, 200, 1, 7, production=False)
    unlimited = {"SendQuota": {"Max24HourSend": -1.0, "MaxSendRate": 500.0, "SentLast24Hours": 0.0}}
    assert quota_of(unlimited | {"SendingEnabled": False}, MORNING) == SendingQuota(MORNING, None, 500, enabled=False)
    for broken in ({}, {"SendQuota": None}, {"SendQuota": {"Max24HourSend": "many"}}):
        with pytest.raises(ValueError, match="quota"):
            quota_of(broken, MORNING)


def test_the_question_is_one_request() -> None:
    """Without a retry, and with a client that is made once."""

    class Client:
        asked = 0

        def get_account(self) -> Any:
            self.asked += 1
            return {"SendQuota": {"Max24HourSend": 10.0, "MaxSendRate": 0.5, "SentLast24Hours": 2.0}}

    client: Any = Client()
    account = SesAccount(client)
    assert account(MORNING).per_second == 1
    assert client.asked == 1
