"""The made-up shop, day by day: visits, carts, orders, messages and what people do with them.

What is true in it, so that reports can find it: many begin on the phone and buy on the desktop; a reminder of a cart
brings orders, so that the held out buy less; the short subject is a little better than the long one; evenings are
better than mornings.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from cli.demo_shop.people import PRODUCTS, Person, digest, order_of
from cli.demo_shop.rows import Rows
from shared.domain.journeys.enrollment import ChosenBranch, End, Enrollment, HandedOver, Progress, Trigger
from shared.domain.journeys.path import HOLDOUT, SPLIT
from shared.domain.messages.request import Channel

CART, WIN_BACK = "cart-recovery", "win-back"
FIRST_TRIED: tuple[Channel, ...] = ("push", "email")
WIN_BACK_TRIED: tuple[Channel, ...] = ("email", "sms")
HOLDOUT_SHARE = 0.15
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Story:
    """Plays ``days`` days from ``start`` on and tells what happened to ``rows``."""

    def __init__(self, random: Random, everybody: list[Person], rows: Rows, start: datetime, days: int) -> None:
        self.random, self.everybody, self.rows, self.start, self.days = random, everybody, rows, start, days
        self.end = start + days * DAY

    def play(self) -> None:
        for number in range(self.days):
            day = self.start + number * DAY
            here = [person for person in self.everybody if person.joined <= number]
            for person in here:
                if self.random.random() < person.visits:
                    self.visit(person, self.moment(day))
                if person.orders and number % 7 == 3 and day - person.orders[-1].at > 60 * DAY:
                    self.win_back(person, day + 10 * HOUR)
            if number % 7 == 1:
                self.campaign(f"haftalik-{number // 7 + 1}", "email", here, day + 10 * HOUR)
            if number % 30 == 20:
                self.campaign(f"sms-{number // 30 + 1}", "sms", here, day + 18 * HOUR)

    def moment(self, day: datetime) -> datetime:
        """Evenings are busier."""
        hour = self.random.choice((9, 11, 12, 13, 15, 17, 19, 20, 20, 21, 21, 22))
        return day + timedelta(hours=hour, seconds=self.random.randrange(3600))

    def visit(self, person: Person, at: datetime) -> None:
        random = self.random
        phone = random.random() < person.phone
        place = ("mobile", person.device) if phone else ("web", "desktop")
        product, category, price = random.choice(PRODUCTS)
        shown: dict[str, Any] = {"product_id": product, "category": category, "price": price, "currency": "TRY"}
        self.rows.event(person, "Product Viewed", at, place, shown)
        if random.random() > 0.4:
            return
        self.rows.event(person, "Product Added", at + timedelta(minutes=4), place, shown | {"quantity": 1})
        decided = random.random()
        if decided < 0.16:
            self.buy(person, at + timedelta(minutes=12), place)
        elif decided < 0.30 and phone:
            self.buy(person, at + timedelta(hours=random.uniform(2, 20)), ("web", "desktop"))
        elif decided < 0.30 + 0.2 * person.store:
            self.buy(person, at + timedelta(hours=random.uniform(20, 40)), ("store", ""))
        elif person.free_at is None or at >= person.free_at:
            self.cart_journey(person, at + timedelta(minutes=4))

    def buy(self, person: Person, at: datetime, place: tuple[str, str]) -> None:
        if at >= self.end:
            return
        if place[0] != "store":
            self.rows.event(person, "Checkout Started", at - timedelta(minutes=3), place, {})
        order = order_of(self.random, person, at, place[0])
        person.orders.append(order)
        self.rows.order(person, order, place)
        if "email" in person.reachable:
            self.message(
                person, "post-purchase", "confirmed", "email", at + timedelta(minutes=1), purpose="transactional"
            )

    def cart_journey(self, person: Person, began: datetime) -> None:
        random = self.random
        person.free_at = began + 7 * DAY
        steps: dict[str, Progress] = {}
        enrollment = digest(person.home, CART, began)[:16]
        arm = "out" if random.random() < HOLDOUT_SHARE else "in"
        steps["hold"] = ChosenBranch(arm, began, began, HOLDOUT)
        wanted = 0.06
        reason, ended = "holdout", began
        if arm == "in":
            subject = random.choice(("short", "long"))
            steps["subject"] = ChosenBranch(subject, began, began, SPLIT)
            channel: Channel | None = next((one for one in FIRST_TRIED if one in person.reachable), None)
            reason, ended = "completed", began + 3 * DAY
            if channel:
                steps["reminder"] = HandedOver((channel,), began + HOUR, began)
                wanted += 0.07 + (0.025 if subject == "short" else 0.0)
                self.message(person, CART, "reminder", channel, began + HOUR, enrollment)
        buys, hours = random.random() < wanted, (1.2, 23.0)
        if arm == "in" and not buys and "email" in person.reachable:
            steps["offer"] = HandedOver(("email",), began + DAY, began)
            self.message(person, CART, "offer", "email", began + DAY, enrollment)
            buys, hours = random.random() < 0.05, (24.2, 60.0)
        if buys:
            at = began + timedelta(hours=random.uniform(*hours))
            if arm == "in":
                reason, ended = "ordered", at
            place = ("web", "desktop") if random.random() < 0.5 else ("mobile", person.device)
            self.buy(person, at, place)
        self.enrollment(person, CART, enrollment, began, steps, End(reason, ended))

    def win_back(self, person: Person, at: datetime) -> None:
        channel: Channel | None = next((one for one in WIN_BACK_TRIED if one in person.reachable), None)
        if channel is None or (person.free_at is not None and at < person.free_at):
            return
        person.free_at = at + 45 * DAY
        enrollment = digest(person.home, WIN_BACK, at)[:16]
        steps: dict[str, Progress] = {"offer": HandedOver((channel,), at, at)}
        self.message(person, WIN_BACK, "offer", channel, at, enrollment)
        if self.random.random() < 0.06:
            self.buy(person, at + timedelta(hours=self.random.uniform(1, 60)), ("web", "desktop"))
        self.enrollment(person, WIN_BACK, enrollment, at, steps, End("completed", at + 3 * DAY))

    def enrollment(
        self, person: Person, journey: str, name: str, began: datetime, steps: dict[str, Progress], end: End
    ) -> None:
        trigger = Trigger("Product Added" if journey == CART else "at-risk", person.home, "t#", began)
        over = end if end.at < self.end else None
        past = {step: one for step, one in steps.items() if one.at < self.end}
        made = Enrollment(
            journey, name, person.home, 1, trigger, began, steps=past, end=over, version=2, begun_at=began
        )
        self.rows.enrollment(made)

    def campaign(self, name: str, channel: str, here: list[Person], at: datetime) -> None:
        for person in here:
            if channel in person.reachable and self.message(person, name, "", channel, at, campaign=True):
                self.buy(person, at + timedelta(hours=self.random.uniform(0.2, 20)), ("mobile", person.device))

    def message(
        self, person: Person, journey: str, step: str, channel: str, at: datetime, enrollment: str = "", *,
        campaign: bool = False, purpose: str = "marketing",
    ) -> bool:  # fmt: skip
        """Tells the message and what was done with it; whether it led to an order that the caller tells."""
        random = self.random
        if at >= self.end:
            return False
        state = "sent" if purpose == "transactional" or random.random() < 0.93 else "skipped"
        reason = "" if state == "sent" else random.choice(("daily_cap", "weekly_cap", "stale", "no_address"))
        message = self.rows.message(
            person,
            journey,
            step,
            channel,
            at,
            enrollment,
            campaign=campaign,
            purpose=purpose,
            state=state,
            reason=reason,
        )
        if state != "sent":
            return False
        if random.random() < 0.015:
            self.rows.reaction(person, message, channel, "bounced", at + timedelta(seconds=9))
            return False
        self.rows.reaction(person, message, channel, "delivered", at + timedelta(seconds=5))
        if channel == "email" and random.random() < 0.3:
            self.rows.reaction(person, message, channel, "opened", at + timedelta(minutes=1), machine=True)
        likes = person.likes[channel] * (1.3 if at.hour >= 15 else 1.0)
        opened = random.random() < likes
        if opened and channel == "email":
            self.rows.reaction(person, message, channel, "opened", at + timedelta(hours=random.uniform(0.05, 8)))
        if random.random() >= (0.3 if opened else 0.0):
            return False
        self.rows.reaction(person, message, channel, "clicked", at + timedelta(hours=random.uniform(0.05, 9)))
        if random.random() < 0.02:
            self.rows.reaction(person, message, channel, "unsubscribed", at + timedelta(hours=9))
        return campaign and random.random() < 0.12
