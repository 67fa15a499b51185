"""What may be wrong with the coupons that steps give."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from shared.domain.coupons.definition import is_code
from shared.domain.definitions.problems import Problem
from shared.domain.journeys.coupon_gift import GiveDefinition

_MIXED_UP = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "_": None, ".": None})


def give_problems(file: str, path: str, give: GiveDefinition, defined: Collection[str]) -> Iterator[Problem]:
    """What is given for no time at all is a mistake. A name is that of a definition, or else the one code that
    everybody gets, and then it must be able to be one.

    A slip of the pen must not turn a coupon with codes of its own into one code for everybody. These are no rules of
    the model: what was published before they were asked must stay readable.
    """
    for word, duration in (("valid", give.valid), ("once_per", give.once_per)):
        if duration is not None and duration <= timedelta():
            message = f"{word} must be longer than 0m"
            yield Problem(file, f"{path}.give.{word}", message, "write such as 72h, or leave it out")
    name = give.coupon
    if name in defined:
        return
    place = f"{path}.give.coupon"
    meant = next((known for known in sorted(defined) if _read(known) == _read(name)), None)
    if meant is not None:
        yield Problem(file, place, f"there is no coupon {name}, but there is {meant}", f"write {meant}")
    elif not is_code(name):
        message = f"{name!r} is no coupon and cannot be a code"
        yield Problem(file, place, message, "use letters, digits and hyphens, such as CART10")


def _read(name: str) -> str:
    """As somebody reads it who does not look closely."""
    return name.upper().translate(_MIXED_UP)
