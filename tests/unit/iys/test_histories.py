"""Random histories of consent: whatever happens, IYS and the shop end with the same, and no rule was broken."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from cli.local.iys import DATE, TURKEY
from shared.domain.consent.consent import HARD_BOUNCE
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.statement import Known
from shared.domain.privacy.held_rights import Held, Mark
from shared.ports.iys import IysDown
from shared.stores.iys_records import Pull
from shared.stores.right_marks import put_right_marks
from tests.support.troubles import play_histories
from tests.unit.iys.world import KEYS, World

PEOPLE = ("email:a@example.com", "email:b@example.com", "phone:+905321112233", "phone:+905321112244")
ORDINARY, MANY, PARTS = 30, 2_000, 8
UNREADABLE = ("", "yesterday", "2026-11-31 10:00:00")
"""Times of rows of the list."""
WAYS = (("web", ""), ("store", ""), ("kervan", "preference_page"), ("netgsm", "sms_reply"), ("kervan", "double_opt_in"))


@dataclass
class Story:
    """One history. ``queue``: messages that wait for the worker, as SQS keeps them over a crash."""

    luck: random.Random
    world: World = field(init=False)
    queue: list[str] = field(default_factory=list)
    withdrawn: int = 0
    objections: dict[str, list[list[datetime | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(
            works_after=timedelta(minutes=self.luck.choice((0, 5, 30))),
            most=self.luck.choice((1, 2, 50)),
            questions=self.luck.choice((0, 2, 50)),
        )

    def play(self) -> None:
        acts = (
            self.speak, self.speak, self.speak, self.speak, self.citizen, self.trouble, self.work, self.work,
            self.oppose, self.reject, self.forget, self.broken_row, self.other_brand,
        )  # fmt: skip
        for _ in range(self.luck.randrange(4, 18)):
            self.luck.choice(acts)()
            self.world.moment += timedelta(seconds=self.luck.randrange(1, self.luck.choice((60, 7_200, 30_000))))
        self.settle()

    def speak(self) -> None:
        world, who = self.world, self.luck.choice(PEOPLE)
        source, origin = self.luck.choice(WAYS)
        granted = self.luck.random() < 0.55
        back = timedelta(minutes=self.luck.choice((0, 0, 0, 1, 45)))
        merchant = granted and who.startswith("email") and self.luck.random() < 0.2
        if self.luck.random() < 0.1:
            world.say(who, granted=False, source="ses", purpose="all", origin=HARD_BOUNCE)
        else:
            purpose = "marketing" if granted or self.luck.random() < 0.8 else "all"
            said = world.say(
                who, granted=granted, source=source, origin=origin, merchant=merchant, purpose=purpose,
                at=world.moment - back,
            )  # fmt: skip
            if not said.granted:
                assert not world.granted(who), "a withdrawal counts at once"
                self.withdrawn += 1
        self.queue += [who] * self.luck.choice((1, 1, 2))

    def citizen(self) -> None:
        who = self.luck.choice(PEOPLE)
        kind = "MESAJ" if who.startswith("phone") else "EPOSTA"
        held = self.world.at_iys(who)
        status = "RET" if held == "ONAY" else "ONAY"
        fast = status == "RET" and self.luck.random() < 0.2  # its clock goes before ours
        ahead = timedelta(minutes=self.luck.choice((1, 11, 300)) if fast else 0)
        self.world.iys.citizen(who.partition(":")[2], kind, status, ahead=ahead)

    def oppose(self) -> None:
        """Somebody objects to marketing, or takes it back."""
        who, world = self.luck.choice(PEOPLE), self.world
        spans = self.objections.setdefault(who, [])
        if spans and spans[-1][1] is None:
            spans[-1][1] = world.moment
        else:
            spans.append([world.moment, None])
        key, (since, lifted) = KEYS(parse_identifier(who)), spans[-1]
        assert since is not None
        mark = Mark(Held.OBJECT, f"case-{len(spans)}", key, since, lifted)
        put_right_marks(world.customers_table, [key], mark)
        self.queue.append(who)

    def reject(self) -> None:
        """IYS takes no upload with this recipient in it, or does again."""
        plain = self.luck.choice(PEOPLE).partition(":")[2]
        if self.world.iys.rejected.pop(plain, None) is None:
            self.world.iys.rejected[plain] = self.luck.choice((400, 413, 422))

    def forget(self) -> None:
        """IYS knows no request of an upload for a while, though it works on them; or lost them all."""
        iys = self.world.iys
        iys.forgets = not iys.forgets
        if self.luck.random() < 0.3:
            iys.requests.clear()

    def broken_row(self) -> None:
        """A refusal in the list that cannot be read whole. IYS holds it as it is."""
        who = self.luck.choice(PEOPLE)
        kind, plain = "MESAJ" if who.startswith("phone") else "EPOSTA", who.partition(":")[2]
        if self.world.at_iys(who) != "ONAY":
            return
        self.world.iys.citizen(plain, kind, "RET")
        self.world.iys.movements[-1]["consentDate"] = self.luck.choice(UNREADABLE)

    def other_brand(self) -> None:
        """The work of another account in the same table says nothing of this one."""
        who = self.luck.choice(PEOPLE)
        there = self.world.intake.of_account("1-3")
        kind: Any = "MESAJ" if who.startswith("phone") else "EPOSTA"
        self._survives(lambda: there.refresh(KEYS(parse_identifier(who)), self.world.moment))
        records = self.world.seen_records.of_account("1-3")
        for record in records.of([KEYS(parse_identifier(who))]):
            records.put(replace(record, known=Known(self.luck.choice(("ONAY", "RET")), self.world.moment), type=kind))
        records.put_pull(Pull("999_00000000", self.world.moment))

    def trouble(self) -> None:
        match self.luck.randrange(3):
            case 0:
                self.world.iys.outage = self.luck.choice(("down", "busy", "lost", ""))
            case 1:
                self.world.cut = [self.luck.choice(("", "before", "after")) for _ in range(4)]
            case _:
                self.world.crash_in = self.luck.randrange(1, 60)

    def work(self) -> None:
        """What the queue and the clock bring; whoever crashes comes again later."""
        self.luck.shuffle(self.queue)
        for who in list(self.queue):
            if self._survives(lambda who=who: self.world.refresh(who)):  # type: ignore[misc]
                self.queue.remove(who)
        for _ in range(self.luck.randrange(1, 4)):
            self.world.moment += timedelta(minutes=15)
            self._survives(lambda: self.world.exchange().run())

    def _survives(self, work: Callable[[], object]) -> bool:
        return self.world.survives(work, IysDown)

    def settle(self) -> None:
        world = self.world
        world.iys.outage, world.cut, world.crash_in = "", [], None
        world.iys.rejected, world.iys.forgets, world.questions = {}, False, 50
        for turn in range(34):
            self.work()
            if turn % 8 == 7:  # an operator has mended what IYS refused
                for key in {KEYS(parse_identifier(who)) for who in PEOPLE}:
                    for kind in ("BIREYSEL", "TACIR"):
                        world.intake.try_again(key, kind, world.moment)
            for key in {KEYS(parse_identifier(who)) for who in PEOPLE}:  # the stream tells of what IYS told
                world.intake.refresh(key, world.moment)

    def check(self) -> None:
        world = self.world
        for who in PEOPLE:
            for kind in ("BIREYSEL", "TACIR"):
                self._same(who, kind)
        assert world.records.uploads() == []
        for broken in world.iys.refused:
            assert self._could_not_know(broken), broken
        for history in world.iys.held.values():
            dates = [one["consentDate"] for one in history]
            assert dates == sorted(set(dates))
            assert all(one["status"] != other["status"] for one, other in itertools.pairwise(history))

    def _same(self, who: str, kind: str) -> None:
        world = self.world
        record = world.record(who, kind)
        held = world.at_iys(who, kind)
        assert (record.known.status if record and record.known else None) == held
        said = [one for one in world.seen.control(KEYS(parse_identifier(who))).consents if not one.bounced]
        ours = self._granted(said, who, merchant=kind == "TACIR")
        objects = any(lifted is None for _, lifted in self.objections.get(who, ()))
        assert (held == "ONAY") == (ours and not objects), (who, kind, held, record)
        assert record is None or record.open is None
        assert record is None or not any(one.late or one.code == "too_old" for one in record.statements)

    def _granted(self, said: list, who: str, *, merchant: bool) -> bool:  # type: ignore[type-arg]
        """By hand: the statement that counts from last, a withdrawal before a grant."""
        yes = [min(one.time, one.received_at) for one in said if one.granted and one.merchant == merchant]
        no = [max(one.time, one.received_at) for one in said if not one.granted]
        # within a second IYS cannot tell them apart: the later one holds, and that is what both say
        return bool(yes) and (not no or max(yes) > max(no))

    def _could_not_know(self, broken: dict) -> bool:  # type: ignore[type-arg]
        """Whether the recipient had changed his consent at IYS, and IYS had not told it when it refused ours.

        It told it neither by a row that cannot be read: such a refusal counts here, but nobody knows what IYS holds.
        """
        refused_at = datetime.strptime(broken["at"], DATE).replace(tzinfo=TURKEY)
        kind = "phone:" if broken["type"] == "MESAJ" else "email:"
        said = self.world.seen.control(KEYS(parse_identifier(kind + broken["recipient"]))).consents
        heard = [(one.received_at, "ONAY" if one.granted else "RET") for one in said if one.source == "iys"]
        for one in self.world.iys.movements:
            at = datetime.fromtimestamp(one["created"], UTC)
            own = one["recipient"] == broken["recipient"] and one["source"].startswith("IYS")
            told = (moment for moment, status in heard if moment >= at and status == one["status"])
            first = refused_at if one["consentDate"] in UNREADABLE else min(told, default=refused_at)
            if own and at <= refused_at + timedelta(seconds=1) and first >= refused_at - timedelta(minutes=31):
                return True
        return False


def test_histories() -> None:
    """A few, in each run."""
    play_histories(Story, range(ORDINARY))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_two_thousand_histories(part: int) -> None:
    """Grants and withdrawals from all sources, outages, refusals, restarts, a crash after any call."""
    play_histories(Story, range(part, MANY, PARTS))
