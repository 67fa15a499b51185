"""Cart recovery again, minute by minute and by force: shares nothing with the code but the meaning of the words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
STAGES = [("reminder", 60, 14 * 60), ("offer", 24 * 60, 24 * 60), ("last", 72 * 60, 24 * 60)]
"""(step, minutes after the clock, minutes that it is fresh)"""
WEEK = 7 * 24 * 60

Happening = tuple[int, str, str]
"""(minute, "add" | "remove" | "order" | "reach" | "lose", product; "*" for an order of everything in the cart)

``lose`` takes the address away, ``reach`` gives it back.
"""


@dataclass
class Oracle:
    """Sends to somebody whom e-mail reaches, whose wall clock is ``zone``'s, between 09:00 and 20:00.

    ``capped``: one message per local day; what meets the cap waits for the next morning, if it is still fresh then.
    """

    start: datetime
    zone: str = "Europe/Istanbul"
    capped: bool = False
    reached: bool = True
    cart: set[str] = field(default_factory=set)
    running: bool = False
    sent_any: bool = False
    clock: int = 0
    done: set[str] = field(default_factory=set)
    blocked_until: int = -1
    held: str = ""
    held_until: int = -1
    sends: list[tuple[str, datetime]] = field(default_factory=list)

    def play(self, happenings: list[Happening], minutes: int) -> list[tuple[str, datetime]]:
        by_minute: dict[int, list[Happening]] = {}
        for happening in happenings:
            by_minute.setdefault(happening[0], []).append(happening)
        for minute in range(minutes):
            for happening in by_minute.get(minute, []):
                self.happen(minute, *happening[1:])
            if self.running:
                self.work(minute)
        return self.sends

    def happen(self, minute: int, what: str, product: str) -> None:
        if what == "order":
            self.cart = set() if product == "*" else self.cart - {product}
            self.end(minute)
        elif what == "add":
            self.cart.add(product)
            self.changed(minute)
        elif what == "remove":
            self.cart.discard(product)
            self.changed(minute)
        else:
            self.reached = what == "reach"

    def changed(self, minute: int) -> None:
        if not self.cart:
            self.end(minute)
        elif not self.running and minute >= self.blocked_until:
            self.running, self.sent_any, self.clock, self.done = True, False, minute, set()
        elif self.running and not self.sent_any:
            self.clock, self.done = minute, set()

    def end(self, minute: int) -> None:
        if self.running and self.sent_any:
            self.blocked_until = minute + WEEK
        self.running = False

    def work(self, minute: int) -> None:
        now = (self.start + minute * MINUTE).astimezone(ZoneInfo(self.zone))
        due = [stage for stage in STAGES if stage[0] not in self.done and self.clock + stage[1] <= minute]
        for name, at, fresh in due:
            if minute >= self.clock + at + fresh:
                self.done.add(name)
        ready = [stage for stage in due if stage[0] not in self.done] if 9 <= now.hour < 20 else []
        if ready and (minute >= self.held_until or ready[-1][0] != self.held):
            self.done |= {name for name, _, _ in ready[:-1]}
            self.hand_over(minute, now, *ready[-1])
        if len(self.done) == len(STAGES):
            self.end(minute)

    def hand_over(self, minute: int, now: datetime, name: str, at: int, fresh: int) -> None:
        if not self.reached:
            self.done.add(name)
            return
        today = [when for _, when in self.sends if when.astimezone(ZoneInfo(self.zone)).date() == now.date()]
        if not (self.capped and today):
            self.done.add(name)
            self.sent_any = True
            self.sends.append((name, now.astimezone(UTC)))
            return
        morning, here = minute, now
        while here.date() == now.date() or here.hour < 9:
            morning += 1
            here = (self.start + morning * MINUTE).astimezone(ZoneInfo(self.zone))
        self.held, self.held_until = name, morning
        if morning >= self.clock + at + fresh:
            self.done.add(name)
