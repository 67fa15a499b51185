"""A number with its noun."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """``1 event``, ``1,200 events``; ``many`` is the plural where it is not ``one`` with an s.

    >>> counted(1, "event"), counted(1200, "event"), counted(2, "push", "pushes")
    ('1 event', '1,200 events', '2 pushes')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
