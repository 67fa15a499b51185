"""Random histories: whatever fails and ends in the middle, the platforms' lists end as the segment and the consents."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from shared.ports.ad_platform import PlatformDown
from tests.support.troubles import play_histories
from tests.unit.audiences.world import World, audience, key_of, row

PEOPLE = ("email:a@example.com", "email:b@example.com", "phone:+905321112233", "phone:+905321112244")
ORDINARY, MANY = 40, 2_000


@dataclass
class Story:
    """One history, with what holds of each person by hand. ``queue``: messages that wait, as SQS keeps them."""

    luck: random.Random
    world: World = field(init=False)
    queue: list[str] = field(default_factory=list)
    inside: dict[str, bool] = field(default_factory=dict)
    agreed: dict[str, bool] = field(default_factory=dict)
    objects: dict[str, datetime] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.world = World(
            audiences={"at-meta": audience("meta"), "at-google": audience("google")},
            runs_for=timedelta(minutes=self.luck.choice((0, 20, 200))), most=self.luck.choice((1, 2, 50)),
            steps=self.luck.choice((5, 20, 1_000)),
        )  # fmt: skip

    def play(self) -> None:
        for _ in range(self.luck.randrange(4, 20)):
            acts = (
                self.flip,
                self.flip,
                self.say,
                self.say,
                self.oppose,
                self.trouble,
                self.work,
                self.work,
                self.erase,
            )
            self.luck.choice(acts)()
            self.world.moment += timedelta(seconds=self.luck.randrange(1, self.luck.choice((60, 7_200))))
        self.settle()

    def someone(self) -> str:
        return self.luck.choice(PEOPLE)

    def flip(self) -> None:
        who = self.someone()
        if who not in self.gone:
            self.inside[who] = not self.inside.get(who, False)
            self.world.person(who, inside=self.inside[who])
            self.queue.append(who)

    def say(self) -> None:
        who = self.someone()
        self.agreed[who] = self.luck.random() < 0.6
        self.world.agree(who, granted=self.agreed[who])
        self.queue.append(who)

    def oppose(self) -> None:
        who, now = self.someone(), self.world.moment
        since = self.objects.pop(who, None)
        if since is None:
            self.objects[who] = now
        self.world.object_to(who, since or now, None if since is None else now)
        self.queue.append(who)

    def erase(self) -> None:
        if self.luck.random() < 0.3:
            who = self.someone()
            self.world.erase(who)
            self.gone.add(who)
            self.queue.append(who)

    def trouble(self) -> None:
        match self.luck.randrange(3):
            case 0:
                self.world.ads.outage = self.luck.choice(("down", "lost", "failing", ""))
            case 1:
                self.world.cut = [self.luck.choice(("", "before", "after")) for _ in range(4)]
            case _:
                self.world.crash_in = self.luck.randrange(1, 60)

    def work(self) -> None:
        self.luck.shuffle(self.queue)
        for who in list(self.queue):
            if self._survives(lambda who=who: self.world.refresh(who)):  # type: ignore[misc]
                self.queue.remove(who)
        for _ in range(self.luck.randrange(1, 4)):
            self.world.moment += timedelta(minutes=15)
            self._survives(lambda: self.world.telling().run())

    def _survives(self, work: Callable[[], object]) -> bool:
        return self.world.survives(work, PlatformDown)

    def settle(self) -> None:
        self.world.ads.outage, self.world.cut, self.world.crash_in = "", [], None
        self.world.steps = max(self.world.steps, 20)
        for _ in range(30):
            self.work()
            self.world.moment += timedelta(minutes=30)

    def check(self) -> None:
        world = self.world
        wanted = [
            who for who in PEOPLE
            if self.inside.get(who) and self.agreed.get(who) and who not in self.objects and who not in self.gone
        ]  # fmt: skip
        assert world.held("meta") == {row("meta", who) for who in wanted}
        assert world.held("google") == {row("google", who) for who in wanted}
        kept = {(item["pk"], item["sk"]) for item in world.audiences_table.items() if "digest" in item}
        assert kept == {(key_of(who), name) for who in wanted for name in world.audiences}
        assert [state.size for state in world.seen.states()] == [len(wanted)] * 2


def test_histories() -> None:
    """A few, in each run."""
    play_histories(Story, range(ORDINARY))


@pytest.mark.long
def test_two_thousand_histories() -> None:
    """Segments, consents, objections, erasures, outages, jobs that fail, a crash after any call."""
    play_histories(Story, range(MANY))
