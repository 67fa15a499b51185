"""Cells of other tools' files into values: birthdays, lists, addresses, yes and no."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import Literal

from shared.domain.definitions.text_comparison import folded
from shared.domain.events.refusals import Refused
from shared.domain.profile.demographic import UNKNOWN_YEAR

Consent = Literal["granted", "withdrawn", "suppressed", "no", "none"]
"""``none``: there was never a yes. ``no``: there was none, or it was withdrawn; the file does not tell which."""

SEVERAL = " ::: "
"""How Google divides several values of a cell."""
_PARTS = re.compile(r" {2,}")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ].*)?")
_NO_YEAR = re.compile(r"--?(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?(?: .*)?")
_WORD = re.compile(r"[a-z_]+")
_WORDS: dict[Consent, tuple[str, ...]] = {
    "granted": (
        "yes",
        "true",
        "1",
        "evet",
        "subscribed",
        "granted",
        "onay",
        "var",
        "x",
        "opted in",
    ),
    "withdrawn": ("unsubscribed", "withdrawn", "ret", "opted out", "opted_out", "iptal"),
    "suppressed": ("cleaned", "suppressed", "bounced"),
    "no": ("no", "false", "0", "hayır", "yok", "not subscribed"),
    "none": ("never subscribed", "never_subscribed", "pending", "none"),
}
_CONSENTS = {folded(word): state for state, words in _WORDS.items() for word in words}


def first_value(text: str) -> str:
    """The first of several values in a cell."""
    return text.split(SEVERAL, 1)[0].strip()


def consent_of_cell(text: str, name: str) -> Consent:
    """What a cell says about consent.

    Raises
    ------
    Refused
        If it is no word for yes or no.
    """
    found = _CONSENTS.get(folded(text))
    if found is None:
        raise Refused(f"{name} says neither yes nor no")
    return found


def says_no(text: str) -> bool:
    """Whether a cell of a list or a mark says that there is nothing: ``FALSE``, ``[]``, ``-``.

    >>> says_no("[]"), says_no("UNSUBSCRIBE")
    (True, False)
    """
    bare = text.strip("[]{}()-/. ")
    return not bare or folded(bare) in {"n/a", "null"} or _CONSENTS.get(folded(bare)) in {"no", "none"}


def suppression_of_cell(text: str) -> Consent | None:
    """What a list of suppressions says; None if it is empty. Who only unsubscribed still gets confirmations of orders.

    >>> suppression_of_cell("[]"), suppression_of_cell("['UNSUBSCRIBE']"), suppression_of_cell("HARD_BOUNCE")
    (None, 'withdrawn', 'suppressed')
    """
    if says_no(text):
        return None
    said = set(_WORD.findall(text.casefold())) - {"reason", "timestamp", "t", "z", "utc"}
    return "withdrawn" if said and said <= {"unsubscribe", "unsubscribed"} else "suppressed"


def birthday_of_cell(text: str, *, month_first: bool) -> str | None:
    """``1991-04-17``, or ``--04-17`` where the year is not known; None if it is no day.

    >>> birthday_of_cell("17.04.1991", month_first=False), birthday_of_cell("04/17", month_first=True)
    ('1991-04-17', '--04-17')
    """
    iso, no_year, slashed = _ISO.fullmatch(text), _NO_YEAR.fullmatch(text), _SLASHED.fullmatch(text)
    if iso:
        year, month, day = int(iso[1]), int(iso[3]), int(iso[4])
    elif no_year:
        year, month, day = UNKNOWN_YEAR, int(no_year[1]), int(no_year[2])
    elif slashed:
        first, second, year = int(slashed[1]), int(slashed[2]), int(slashed[3] or UNKNOWN_YEAR)
        month, day = (first, second) if month_first else (second, first)
    else:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"--{month:02}-{day:02}" if year == UNKNOWN_YEAR else f"{year:04}-{month:02}-{day:02}"


def list_of_cell(text: str) -> list[str]:
    """``vip, tr`` or ``"yeni müşteri","vip"`` or Google's ``A ::: B``."""
    if SEVERAL in text:
        parts = text.split(SEVERAL)
    else:
        try:
            parts = next(csv.reader([text], skipinitialspace=True, strict=True), [])
        except csv.Error:
            parts = text.split(",")
    return [part for part in (part.strip(' "*') for part in parts) if part]


def address_of_cell(text: str) -> dict[str, str]:
    """``street  city  state  zip  country``, divided by two blanks; the state and a second line may be missing."""
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    if len(parts) < 3:
        return {"street": text}
    address = {"street": parts[0]}
    if len(parts[-1]) == 2 and parts[-1].isalpha():
        address["country"] = parts.pop()
    if any(sign.isdigit() for sign in parts[-1]) and len(parts) > 1:
        address["postalCode"] = parts.pop()
    inner = parts[1:]
    if len(inner) == 1:
        address["city"] = inner[0]
    elif inner:
        address["city"], address["state"] = inner[-2], inner[-1]
    return address
