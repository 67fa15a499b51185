"""How the timers of campaigns are called: neither a customer's key nor an enrollment's reference looks like these."""

from __future__ import annotations

HOME = "campaign:"
START = "start"
WALK = "walk#"
GROUP = "group#"
ONE = "@"
"""Begins the reference of a timer for one customer: ``@<campaign>#<due>#<run>``, under the customer's key."""


def home_of(name: str, shard: int | None = None) -> str:
    """Shards of a campaign are homes of their own, so that their timers lie in different shards of the table.

    >>> home_of("spring-sale"), home_of("spring-sale", 3)
    ('campaign:spring-sale', 'campaign:spring-sale:3')
    """
    return f"{HOME}{name}" if shard is None else f"{HOME}{name}:{shard}"


def name_of(home: str) -> tuple[str, int]:
    """The campaign and the shard (0 if the timer is of the whole) behind a home."""
    name, _, shard = home.removeprefix(HOME).partition(":")
    return name, int(shard or 0)


def of_campaign(home: str, ref: str) -> bool:
    return home.startswith(HOME) or ref.startswith(ONE)


def is_walk(home: str, ref: str) -> bool:
    """Seconds of work, so it gets a pack of its own and is never done by the tick."""
    return home.startswith(HOME) and ref.startswith(WALK)


def read_one(ref: str) -> tuple[str, int, str]:
    """Campaign, due (epoch milliseconds) and run of a timer for one customer.

    Raises
    ------
    ValueError
        If it is none.
    """
    name, due, run = ref.removeprefix(ONE).split("#", 2)
    return name, int(due), run
