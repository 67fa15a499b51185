"""Random histories of consent: whatever happens, IYS and the shop end with the same, and no rule was broken."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from cli.local.iys import DATE, TURKEY
from shared.domain.consent.consent import HARD_BOUNCE
from shared.domain.identity.identifiers import parse_identifier
from shared.ports.iys import IysDown
from tests.unit.iys.world import KEYS, Crash, World

PEOPLE = ("email:a@example.com", "email:b@example.com", "phone:+905321112233", "phone:+905321112244")
ORDINARY, MANY, PARTS = 30, 2_000, 8
WAYS = (("web", ""), ("store", ""), ("kervan", "preference_page"), ("netgsm", "sms_reply"), ("kervan", "double_opt_in"))


@dataclass
class Story:
    """One history. ``queue``: messages that wait for the worker, as SQS keeps them over a crash."""

    luck: random.Random
    world: World = field(init=False)
    queue: list[str] = field(default_factory=list)
    withdrawn: int = 0
    crashes: int = 0

    def __post_init__(self) -> None:
        self.world = World(
            works_after=timedelta(minutes=self.luck.choice((0, 5, 30))), most=self.luck.choice((1, 2, 50))
        )

    def play(self) -> None:
        for _ in range(self.luck.randrange(4, 16)):
            self.luck.choice((self.speak, self.speak, self.speak, self.citizen, self.trouble, self.work, self.work))()
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
        self.world.iys.citizen(who.partition(":")[2], kind, status)

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

    def _survives(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Crash:
            self.crashes += 1
            self.world.crash_in = None
            return False
        except IysDown:
            return False
        return True

    def settle(self) -> None:
        world = self.world
        world.iys.outage, world.cut, world.crash_in = "", [], None
        for _ in range(24):
            self.work()
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
        assert (held == "ONAY") == ours, (who, kind, held, record)
        assert record is None or record.open is None
        assert record is None or not any(one.late or one.code == "too_old" for one in record.statements)

    def _granted(self, said: list, who: str, *, merchant: bool) -> bool:  # type: ignore[type-arg]
        """By hand: the statement that counts from last, a withdrawal before a grant."""
        yes = [min(one.time, one.received_at) for one in said if one.granted and one.merchant == merchant]
        no = [max(one.time, one.received_at) for one in said if not one.granted]
        # within a second IYS cannot tell them apart: the later one holds, and that is what both say
        return bool(yes) and (not no or max(yes) > max(no))

    def _could_not_know(self, broken: dict) -> bool:  # type: ignore[type-arg]
        """Whether the recipient had changed his consent at IYS, and IYS had not told it when it refused ours."""
        refused_at = datetime.strptime(broken["at"], DATE).replace(tzinfo=TURKEY)
        kind = "phone:" if broken["type"] == "MESAJ" else "email:"
        said = self.world.seen.control(KEYS(parse_identifier(kind + broken["recipient"]))).consents
        heard = {one.time: one.received_at for one in said if one.source == "iys"}
        for one in self.world.iys.movements:
            at = datetime.strptime(one["consentDate"], DATE).replace(tzinfo=TURKEY)
            own = one["recipient"] == broken["recipient"] and one["source"].startswith("IYS")
            if own and at <= refused_at and heard.get(at, refused_at) >= refused_at - timedelta(minutes=31):
                return True
        return False


def _play(seeds: range) -> None:
    for seed in seeds:
        story = Story(random.Random(seed))
        try:
            story.play()
            story.check()
        except BaseException as failed:
            raise AssertionError(f"history {seed}") from failed


def test_histories() -> None:
    """A few, in each run."""
    _play(range(ORDINARY))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_two_thousand_histories(part: int) -> None:
    """Grants and withdrawals from all sources, outages, refusals, restarts, a crash after any call."""
    _play(range(part, MANY, PARTS))
