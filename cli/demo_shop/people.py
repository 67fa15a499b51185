"""Who shops at the made-up shop, and what each of them is like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random

from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.profile.profile import Order

PRODUCTS = (
    ("keten-gomlek", "Gömlek", 900), ("deri-ayakkabi", "Ayakkabı", 2500), ("yun-kazak", "Kazak", 1300),
    ("ipek-sal", "Şal", 700), ("kot-pantolon", "Pantolon", 1100), ("pamuk-tisort", "Tişört", 350),
)  # fmt: skip


@dataclass
class Person:
    """``visits``: so many a day; ``phone``: how often on the phone; ``likes``: how often he answers a channel."""

    home: str
    visits: float
    phone: float
    device: str
    store: float
    reachable: tuple[str, ...]
    likes: dict[str, float]
    joined: int
    orders: list[Order] = field(default_factory=list)
    free_at: datetime | None = None
    """No second cart journey before."""

    @property
    def identifier(self) -> Identifier:
        """By which his events name him."""
        return Identifier(IdentifierType.USER, self.home)


def digest(*parts: object) -> str:
    """A made-up keyed digest, the same in every play."""
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:22]


def people(random: Random, count: int, days: int) -> list[Person]:
    """Half of them were there before the play begins, the others join day by day."""
    return [
        Person(
            home=f"u.{digest('demo', number)}",
            visits=random.choice((0.02, 0.05, 0.05, 0.1, 0.2)),
            phone=random.choice((0.9, 0.75, 0.5)),
            device=random.choice(("android", "android", "ios")),
            store=random.choice((0.0, 0.1, 0.3)),
            reachable=tuple(
                channel
                for channel, share in (("email", 0.75), ("sms", 0.35), ("push", 0.45))
                if random.random() < share
            ),
            likes={
                "email": random.uniform(0.05, 0.5),
                "sms": random.uniform(0.02, 0.12),
                "push": random.uniform(0.03, 0.2),
            },
            joined=random.choice((0, random.randrange(days))),
        )
        for number in range(count)
    ]


def order_of(random: Random, person: Person, at: datetime, channel: str) -> Order:
    """An order of one to three products; some come back, a few are cancelled."""
    bought = random.sample(PRODUCTS, random.choice((1, 1, 1, 2, 3)))
    amounts = {name: Decimal(price) for name, _, price in bought}
    total = sum(amounts.values(), Decimal(0))
    fate = random.random()
    refunded = total if fate < 0.02 else total / 2 if fate < 0.06 else Decimal(0)
    return Order(
        id=f"S-{digest(person.home, at)[:8]}",
        at=at,
        total=total,
        currency="TRY",
        channel=channel,
        state="fully_refunded" if fate < 0.02 else "cancelled" if fate > 0.98 else "completed",
        refunded=refunded,
        products=tuple((name, 1, category) for name, category, _ in bought),
        amounts=amounts,
    )
