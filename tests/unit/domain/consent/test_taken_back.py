"""Forged withdrawals that an operator takes back: any interleaving, against the plain list of what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import EVERY_PURPOSE, HARD_BOUNCE, LIFTED, Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import take_back
from shared.domain.consent.suppression import suppressed
from shared.domain.iys.timeline import turns
from shared.stores.consent_items import consent_items, put_first, statements
from tests.support.cases import UNIT, cases

pytestmark = UNIT
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOME, ADDRESS = "u.1", "e.1"
PURPOSES = ("marketing", "ads", EVERY_PURPOSE)
# what is said: source, trusted, origin
WITHDRAWALS = {
    "web": ("web", False, ""),
    "app": ("app", False, "preference_page"),
    "crm": ("crm", True, ""),
    "link": ("kervan", True, "unsubscribe_link"),
    "stop": ("sms", True, "sms_reply"),
    "bounce": ("ses", True, HARD_BOUNCE),
    "web, trusted": ("web", True, ""),
}
GRANTS = {"store": ("store", True), "form": ("form", False), "web": ("web", False)}


@dataclass(frozen=True)
class Act:
    """One thing that somebody does, a minute after the last. ``dated``: minutes by which the client's clock is off.
    ``which``: of the withdrawals said until then. ``writes``: after how many the function dies."""

    what: str
    who: str = ""
    purpose: str = "marketing"
    address: str = ""
    dated: int = 0
    which: int = 0
    writes: int = 2


ADDRESSES = st.sampled_from(["", ADDRESS])
DATED = st.integers(-3, 3)
ACTS = st.one_of(
    st.builds(Act, st.just("grant"), st.sampled_from([*GRANTS]), st.sampled_from(PURPOSES), ADDRESSES, DATED),
    st.builds(Act, st.just("withdraw"), st.sampled_from([*WITHDRAWALS]), st.sampled_from(PURPOSES), ADDRESSES, DATED),
    st.builds(Act, st.just("lift"), address=st.just(ADDRESS)),
    st.builds(Act, st.just("take back"), which=st.integers(0, 6), writes=st.integers(0, 2)),
    st.builds(Act, st.just("send again"), which=st.integers(0, 6)),
)


@dataclass
class Played:
    """What was said, once in the table and once as a list: (statement, whether it is public, the partitions that hold
    it since when, the withdrawal that it takes back)."""

    table: MemoryTable = field(default_factory=MemoryTable)
    said: list[tuple[Consent, bool, dict[str, datetime], Consent | None]] = field(default_factory=list)
    sent: list[tuple[Consent, bool, tuple[str, ...]]] = field(default_factory=list)

    def play(self, number: int, act: Act) -> None:
        now = NOW + timedelta(minutes=number)
        withdrawals = [one for one in self.sent if not one[0].granted]
        match act.what:
            case "grant":
                source, trusted = GRANTS[act.who]
                said = self._said(act, now, number, source, True, trusted or act.who == "form", "")
                self._store(said, not trusted)
            case "withdraw":
                source, trusted, origin = WITHDRAWALS[act.who]
                said = self._said(act, now, number, source, False, False, origin)
                self._store(said, not trusted)
            case "lift":
                said = self._said(act, now, number, "kervan", True, False, LIFTED)
                self._store(replace(said, purpose=EVERY_PURPOSE, time=now), False)
            case "take back" if withdrawals:
                self._take_back(*withdrawals[act.which % len(withdrawals)], act.writes, now)
            case "send again" if withdrawals:
                again, public, places = withdrawals[act.which % len(withdrawals)]
                self._put(replace(again, received_at=now), not public, places)

    def _said(
        self, act: Act, now: datetime, number: int, source: str, granted: bool, may_grant: bool, origin: str
    ) -> Consent:
        time = now + timedelta(minutes=act.dated)
        purpose = act.purpose if origin != HARD_BOUNCE else EVERY_PURPOSE
        return Consent(
            "email", purpose, granted, time, now, may_grant, source, f"m{number}", act.address, origin=origin
        )  # fmt: skip

    def _store(self, said: Consent, public: bool) -> None:
        places = (HOME, ADDRESS) if said.address_key else (HOME,)
        said = replace(said, public=public)
        self.sent.append((said, public, places))
        self.said.append((said, public, dict.fromkeys(places, said.received_at), None))
        self._put(said, not public, places)

    def _put(self, said: Consent, trusted: bool, places: tuple[str, ...]) -> None:
        put_first(self.table, consent_items(ConsentRecord(places, said), trusted=trusted))

    def _take_back(self, said: Consent, public: bool, places: tuple[str, ...], writes: int, now: datetime) -> None:
        """What the service writes, whether it should or not: the rule itself must hold for others' withdrawals."""
        word = take_back(said, "an operator", "a script", f"t{now.minute}", now)
        items = consent_items(ConsentRecord(places, word), trusted=True)[:writes]
        new = [item["pk"] for item in items if self.table.get(item["pk"], item["sk"]) is None]
        put_first(self.table, items)
        self.said.append((word, False, dict.fromkeys(new, now), said))

    def read(self, *places: str) -> list[Consent]:
        return [said for place in places for said, _ in statements(self.table, place)]


def heard(played: Played, places: tuple[str, ...], at: datetime) -> list[Consent]:
    """What was said and counts, as far as it had reached these partitions."""
    there = [one for one in played.said if any(place in one[2] and one[2][place] <= at for place in places)]
    forged = [withdrawal for _, _, _, withdrawal in there if withdrawal is not None]
    lifted = [one[0].received_at for one in there if one[0].origin == LIFTED]
    return [
        said
        for said, public, _, withdrawal in there
        if withdrawal is None
        and said.origin != LIFTED
        and not (public and said in forged)
        and not (said.origin == HARD_BOUNCE and any(said.received_at <= when for when in lifted))
    ]


def allowed(said: list[Consent], purpose: str) -> bool:
    """Through time in order: at each instant first who agreed, then who refused."""
    answer = False
    for instant in sorted({one.effective_at for one in said}):
        now = [one for one in said if one.effective_at == instant]
        if any(one.granted and one.may_grant and one.purpose == purpose for one in now):
            answer = True
        if any(not one.granted and one.purpose in {purpose, EVERY_PURPOSE} for one in now):
            answer = False
    return answer


def given_up(said: list[Consent]) -> bool:
    """A refusal of everything that nobody who may revived later than that."""
    refused = [one.effective_at for one in said if not one.granted and one.purpose == EVERY_PURPOSE]
    return bool(refused) and not any(one.granted and one.may_grant and one.effective_at > max(refused) for one in said)


@cases(300, 20_000)
@given(acts=st.lists(ACTS, max_size=12), asked=st.integers(-1, 13))
def test_what_was_taken_back_counts_for_nobody_and_all_else_stays(acts: list[Act], asked: int) -> None:
    """Grants, withdrawals of all kinds, liftings, statements sent again, and words of operators about any of them, also
    twice and by half: at each moment asked for, each reader gets what the list says."""
    played = Played()
    for number, act in enumerate(acts):
        played.play(number, act)
    at = NOW + timedelta(minutes=asked)
    for places in ((HOME, ADDRESS), (ADDRESS,)):
        read, told = played.read(*places), heard(played, places, at)
        for purpose in ("marketing", "ads"):
            state = consent_state(read, "email", purpose, ADDRESS, at)
            assert state.granted is allowed(told, purpose)
            assert state.proof is None or state.proof in told
        assert (suppressed(read, "email", ADDRESS, at) is not None) is given_up(told)
        everything = heard(played, places, NOW + timedelta(days=1))
        for kind in ("BIREYSEL", "TACIR"):
            expected = turns(everything, "email", "marketing", ADDRESS, kind)
            assert turns(read, "email", "marketing", ADDRESS, kind) == expected


@cases(100, 2_000)
@given(acts=st.lists(ACTS, max_size=12))
def test_statements_read_back_as_they_were_written(acts: list[Act]) -> None:
    """Every field, also what names the withdrawal and who took it back."""
    played = Played()
    for number, act in enumerate(acts):
        played.play(number, act)
    stored = {said for said, _, since, _ in played.said if since}
    assert set(played.read(HOME, ADDRESS)) == stored
