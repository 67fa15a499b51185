"""What the service asks before the one call, whom it tells of the answer, and what the ledger keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace as changed

from functions.notify import service as notify
from functions.notify.counting_gates import CountingGates
from functions.notify.provider_gate import Admitted
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying, TryAgain
from shared.domain.consent.preferences import Preference
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.caps import Place
from shared.domain.messages.message import Deferred, Failed, Reason, Record, Skipped, State
from shared.domain.messages.request import SendRequest
from shared.ports import Conflict, Item
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused
from shared.stores.preference_items import preference_items
from shared.stores.sends import Sends, put_sends
from tests.support.world import KEYS
from tests.unit.notify.test_coupons import offer, selling
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class Provider:
    """A provider's gate: lets pass as told, in order, then everything; keeps what it was asked and told."""

    passed: list[Any] = field(default_factory=list)
    asked: list[tuple[str, int, Deferred | None, datetime]] = field(default_factory=list)
    told: list[tuple[Answer, Admitted, datetime]] = field(default_factory=list)

    def admit(self, wanted: SendRequest, claimed: Record, waited: Deferred | None, now: datetime) -> Any:
        self.asked.append((wanted.message_id, claimed.attempts, waited, now))
        return self.passed.pop(0) if self.passed else Admitted()

    def call(self, call: Any) -> Answer:
        answer: Answer = call()
        return answer

    def after(self, answer: Answer, admitted: Admitted, now: datetime) -> None:
        self.told.append((answer, admitted, now))


@dataclass
class Counting:
    """A gate that counts: keeps what it was asked, and says ``full`` if it is."""

    full: Deferred | None = None
    said: list[str] = field(default_factory=list)

    def admit(self, context: Any) -> Deferred | None:
        assert context.request.step
        self.said.append("admit")
        return self.full

    def give_back(self, context: Any) -> None:
        assert context.request.step
        self.said.append("give back")


def ayse() -> Shopping:
    shop = Shopping()
    shop.ayse()
    return shop


def watched(shop: Shopping, provider: Provider, counting: Counting) -> Notifying:
    return replace(shop.notifying(), provider=provider, counting_gates=CountingGates((counting,)))  # type: ignore[arg-type]


def test_the_provider_is_asked_once_and_told_what_came_of_it() -> None:
    """With what the message was told last time; the answer comes back with the admission that it was called under."""
    probe, provider, counting = Admitted(probe=True, message="m"), Provider(), Counting()
    wait = Deferred(MORNING + MINUTE, Reason.PROVIDER_DOWN, "timeout")
    provider.passed += [wait, probe]
    service, wanted = watched(ayse(), provider, counting), request("email")
    assert service.handle(wanted, MORNING).outcome == wait
    assert (counting.said, provider.told) == (["admit", "give back"], [])
    record = service.handle(wanted, wait.until)
    assert provider.asked == [(record.message_id, 0, None, MORNING), (record.message_id, 0, wait, wait.until)]
    assert provider.told == [(Accepted("provider-1"), probe, wait.until)]
    assert provider.told[0][1] is probe
    assert counting.said == ["admit", "give back", "admit"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Accepted("p"), ["admit"]),
        (Ambiguous("timeout"), ["admit"]),
        (Refused("provider_message_rejected"), ["admit"]),
        (Postponed("throttled"), ["admit", "give back"]),
    ],
)
def test_what_was_not_taken_counts_nowhere(answer: Answer, said: list[str]) -> None:
    """What was called and may have gone out has used its place."""
    shop, provider, counting = ayse(), Provider(), Counting()
    shop.sender.answers = [answer]
    watched(shop, provider, counting).handle(request("email"), MORNING)
    assert counting.said == said
    assert [one for one, _, _ in provider.told] == [answer]


def test_what_is_not_sent_asks_for_no_place() -> None:
    """Neither in a day nor at the provider; and where the day is full, the provider is not asked."""
    shop, provider, counting = ayse(), Provider(), Counting(full=Deferred(MORNING + DAY, Reason.WARM_UP))
    full = watched(shop, provider, counting).handle(request("email", fresh_until_ms=2**42), MORNING)
    assert (full.outcome, counting.said, provider.asked) == (counting.full, ["admit"], [])
    shop.consent("email", granted=False, at=MORNING - DAY)
    refused = watched(shop, provider, counting).handle(request("email", step="last", template="cart-last"), MORNING)
    assert refused.outcome == Skipped(Reason.NO_CONSENT)
    assert (counting.said, provider.asked) == (["admit"], [])


def test_who_lost_a_race_has_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is decided anew, and neither the day nor the provider is asked again."""
    shop, provider, counting, lost = ayse(), Provider(), Counting(), [Conflict("somebody wrote")]

    def put(*given: Any) -> Sends:
        if lost:
            raise lost.pop()
        return put_sends(*given)

    monkeypatch.setattr(notify, "put_sends", put)
    assert watched(shop, provider, counting).handle(request("email"), MORNING).state is State.SENT
    assert (counting.said, len(provider.asked), len(shop.sender.sent)) == (["admit"], 1, 1)


def test_while_another_attempt_calls_nobody_goes_on() -> None:
    """Its environment may have died in the call: until that is sure, the queue offers the message again."""

    class Asleep:
        def send(self, _outgoing: object) -> Answer:
            raise ConnectionError("the environment dies")

    shop = ayse()
    with pytest.raises(ConnectionError):
        shop.notifying(sender=Asleep()).handle(request("email"), MORNING)
    with pytest.raises(TryAgain) as again:
        shop.notifying().handle(request("email"), MORNING + MINUTE)
    assert (again.value.reason, shop.sender.sent) == ("busy", [])


def test_without_a_gate_of_a_provider_messages_are_sent() -> None:
    """As in the dry run."""
    shop = ayse()
    service = replace(shop.notifying(), provider=None)
    assert service.handle(request("email"), MORNING).state is State.SENT
    assert len(shop.sender.sent) == 1


@pytest.mark.parametrize("kind", [Postponed, Ambiguous])
@pytest.mark.parametrize(("about_address", "wait"), [(False, MINUTE), (True, 30 * MINUTE)])
def test_an_address_that_fails_is_asked_less_and_less(kind: type, about_address: bool, wait: timedelta) -> None:
    """A confirmation that is half an hour old waits for as long; with any other trouble a minute."""
    shop = ayse()
    shop.sender.answers = [kind("provider_gaierror", about_address=about_address)]
    wanted = request("email", purpose="transactional", due=MORNING - 30 * MINUTE)
    told = shop.notifying().handle(wanted, MORNING).outcome
    assert told == Deferred(MORNING + wait, Reason.PROVIDER_DOWN, "provider_gaierror")
    assert isinstance(told, Deferred)
    assert [(one["id"], one["because"]) for one in told.evidence] == [("email", "provider_gaierror")]


def kept(record: Record) -> tuple[str, str, str, str]:
    return record.text, record.address_key, record.language, record.coupon


def test_the_ledger_keeps_what_there_is_of_the_content() -> None:
    """The title, a digest of the address, the language, and the code if the message shows it to somebody."""
    shop = selling(stock=("KIS-1",))
    title, address = "Ayşe, sepetinize özel %10 indirim", KEYS(parse_identifier("email:ayse@example.com"))
    wanted = offer().model_copy(update={"release": 2})
    assert kept(shop.notifying(off=True).handle(wanted, MORNING)) == (title, address, "tr", "")
    nobody = request("email", home=KEYS(parse_identifier("user:nobody")))
    assert kept(shop.notifying().handle(nobody, MORNING))[:2] == ("", "")
    unknown = request("email", template="no-such")
    assert kept(shop.notifying().handle(unknown, MORNING)) == ("", address, "", "")
    again = wanted.model_copy(update={"enrollment": "e2"})
    assert kept(shop.notifying().handle(again, MORNING)) == (title, address, "tr", "KIS-1")


def test_the_ledger_keeps_how_many_parts_of_a_text_message_are_billed() -> None:
    service = ayse().notifying(channel="sms")
    assert service.handle(request("sms"), MORNING).parts == 1
    assert service.handle(request("email", step="last", template="cart-last"), MORNING).parts == 0


def test_a_code_that_confirms_something_stands_in_no_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators read it; only the recipient may know the code."""
    read = SendContextReader.read

    def with_code(reader: SendContextReader, *asked: Any) -> Any:
        found = read(reader, *asked)
        return changed(found, view={**found.view, "confirmation": {"url": "", "code": "Ayşe"}})

    monkeypatch.setattr(SendContextReader, "read", with_code)
    assert ayse().notifying().handle(request("email"), MORNING).text == "••••, sepetiniz sizi bekliyor"


def test_who_stores_the_events_gets_them() -> None:
    """Nothing is written into the log then; each message adds to what is there."""
    service, events = ayse().notifying(), list[Item]()
    for step, template in (("reminder", "cart-reminder"), ("last", "cart-last")):
        wanted = request("email", step=step, template=template, purpose="transactional")
        assert service.handle(wanted, MORNING, events=events).state is State.SENT
    assert [one["name"] for one in events] == ["Email Sent", "Email Sent"]
    assert "Email Sent" not in [one.name for one in service.follow_up.customers.events(request().home)]


def test_what_was_read_of_the_message_is_not_read_again() -> None:
    """A batch reads the ledger once for all its messages."""
    service = ayse().notifying()
    service.ledger.get = None  # type: ignore[method-assign, assignment]
    assert service.handle(request("email"), MORNING, read=None).state is State.SENT


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Counts the writes of a customer's reservations in its first place, and fails those whose number follows."""
    numbers: list[Any] = [0]

    def put(*given: Any) -> Sends:
        numbers[0] += 1
        if numbers[0] in numbers[1:]:
            raise Conflict("somebody wrote")
        return put_sends(*given)

    monkeypatch.setattr(notify, "put_sends", put)
    return numbers


def reads(monkeypatch: pytest.MonkeyPatch) -> list[SendRequest]:
    asked, read = list[SendRequest](), SendContextReader.read

    def counted(reader: SendContextReader, wanted: SendRequest, now: datetime) -> Any:
        assert now == MORNING
        asked.append(wanted)
        return read(reader, wanted, now)

    monkeypatch.setattr(SendContextReader, "read", counted)
    return asked


def test_each_attempt_writes_its_place_anew(puts: list[Any]) -> None:
    """Two attempts that find the place of a third one, which died, meet at that write."""
    service = ayse().notifying()
    calling = service.ledger.calling
    service.ledger.calling = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(TryAgain, match=r"^busy$"):
        service.handle(request("email"), MORNING)
    service.ledger.calling = calling  # type: ignore[method-assign]
    assert service.handle(request("email"), MORNING).state is State.SENT
    assert puts[0] == 2


def test_a_confirmation_writes_only_its_code(puts: list[Any]) -> None:
    """It counts under no cap, whether it goes out or not."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Refused("provider_message_rejected")]
    assert shop.notifying().handle(request("email", purpose="transactional"), MORNING).state is State.FAILED
    assert puts[0] == 0
    wanted = offer(purpose="transactional", release=2)
    assert shop.notifying().handle(wanted, MORNING).coupon == "KIS-1"
    (given,) = shop.notifying().contexts.read(wanted, MORNING).sends.given.values()
    assert (puts[0], given.code) == (1, "KIS-1")


def test_a_place_that_another_write_keeps_runs_out_by_itself(puts: list[Any]) -> None:
    """The message failed; who wrote at the same time is not disturbed for it."""
    shop = ayse()
    shop.sender.answers = [Refused("provider_message_rejected")]
    puts.append(2)
    assert shop.notifying().handle(request("email"), MORNING).outcome == Failed("provider_message_rejected")
    assert shop.notifying().contexts.read(request("email"), MORNING).sends.places


def test_a_refused_message_is_read_once_and_leaves_no_code(puts: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Place and code are given back one after the other, with what is known already."""
    shop, asked = selling(stock=("KIS-1",)), reads(monkeypatch)
    shop.sender.answers = [Refused("provider_message_rejected")]
    wanted = offer(release=2)
    shop.notifying().handle(wanted, MORNING)
    assert (puts[0], len(asked)) == (3, 1)
    sends = shop.notifying().contexts.read(wanted, MORNING).sends
    assert ([one.code for one in sends.given.values()], sends.places) == ([""], frozenset())


def test_the_note_of_a_code_is_written_again_if_somebody_else_wrote(
    puts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On what he wrote, after a second look; else the note would lead to a code that is somebody else's by then."""
    shop, asked = selling(stock=("KIS-1",)), reads(monkeypatch)
    shop.sender.answers = [Refused("provider_message_rejected")]
    puts.append(3)
    wanted = offer(release=2)
    shop.notifying().handle(wanted, MORNING)
    assert (puts[0], len(asked)) == (4, 2)
    assert [one.code for one in shop.notifying().contexts.read(wanted, MORNING).sends.given.values()] == [""]


def test_a_note_that_never_comes_through_is_left_to_the_next_delivery(puts: list[Any]) -> None:
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Refused("provider_message_rejected")]
    puts += range(3, 100)
    with pytest.raises(TryAgain) as again:
        shop.notifying().handle(offer(release=2), MORNING)
    assert (again.value.reason, puts[0]) == ("busy", 2 + notify.RESERVING_TRIES)


def test_places_are_kept_for_as_long_as_the_customer_s_limit_asks_for_them() -> None:
    """He wants one message in thirty days: the one of twenty days ago still counts after another was sent."""
    shop = ayse()
    home = request().home
    said = Preference(time=MORNING - 60 * DAY, message_id="p", one_in_days=30)
    shop.customers.put_many(preference_items((home,), said))
    places = frozenset({Place("old", tag, MORNING - 20 * DAY, "email") for tag in ("marketing", "email")})
    mine = Place(request().unit, "marketing", MORNING - 40 * DAY, "push")  # its step began earlier, by another channel
    put_sends(shop.notifying().contexts.customers, home, Sends(places=places | {mine}))
    assert shop.notifying().handle(request("email"), MORNING).outcome is not None
    assert places <= shop.notifying().contexts.read(request("email"), MORNING).sends.places
