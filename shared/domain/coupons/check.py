"""What may be wrong with the coupons that steps give."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from shared.domain.coupons.language import is_code
from shared.domain.definitions.problems import Problem

_MIXED_UP = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "_": None, ".": None})


def give_problems(file: str, path: str, name: str, defined: Collection[str]) -> Iterator[Problem]:
    """A name is that of a definition, or else the one code that everybody gets, and then it must be able to be one.

    A slip of the pen must not turn a coupon with codes of its own into one code for everybody.
    """
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
