"""Who somebody is: age, gender, place, work; read from traits under the names of Segment's identify spec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.profile.profile import Profile

BIRTHDAY = ("birthday", "birthDate", "birth_date", "birthdate", "dateOfBirth", "date_of_birth")
GENDER = ("gender", "sex")
JOB = ("title", "jobTitle", "job_title", "job", "occupation")
OLDEST = 120
UNKNOWN_YEAR = 1604
"""The year of a birthday whose year was not told, as address books write it: a leap year, so it has a 29 February."""
_LONGEST = 100
_TURKISH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NO_YEAR = re.compile(r"--(\d{2})-(\d{2})")
"""A date without its year, as vCards write it (RFC 6350, 4.3.1)."""
_GENDERS: Mapping[str, str] = {
    "m": "male", "male": "male", "man": "male", "erkek": "male",
    "f": "female", "female": "female", "woman": "female", "kadın": "female", "kadin": "female",
}  # fmt: skip


class Demographic(Struct, frozen=True):
    """None for what is not known.

    ``gender`` is male or female where that was said, else the word that was said. A birthday in UNKNOWN_YEAR has no
    year, so it tells no age.
    """

    birthday: date | None
    age: int | None
    gender: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    job_title: str | None
    company: str | None
    industry: str | None


def demographic(profile: Profile, zone: ZoneInfo, now: datetime) -> Demographic:
    """From the traits; the first name of each list that holds something readable counts.

    The age is that of the customer's local day in ``zone``; without a birthday, the trait ``age`` as it was told.
    """
    today = now.astimezone(zone).date()
    birthday = birthday_of(profile, zone, today)
    gender = _said(profile, GENDER)
    company = profile.trait("company")
    return Demographic(
        birthday=birthday,
        age=_told_age(profile.trait("age")) if birthday is None or _no_year(birthday) else age_on(birthday, today),
        gender=None if gender is None else _GENDERS.get(gender.casefold(), gender),
        city=_place(profile, "city"),
        region=_place(profile, "state", "region"),
        postal_code=_place(profile, "postalCode", "postal_code", "zip"),
        country=_place(profile, "country"),
        job_title=_said(profile, JOB),
        company=_text(company.get("name") if isinstance(company, Mapping) else company),
        industry=_said(profile, ("industry",))
        or _text(company.get("industry") if isinstance(company, Mapping) else None),
    )


def age_on(birthday: date, today: date) -> int:
    """Whole years; a year more from the birthday on. Who was born on 29 February turns on 1 March in common years.

    >>> age_on(date(2000, 2, 29), date(2026, 2, 28)), age_on(date(2000, 2, 29), date(2026, 3, 1))
    (25, 26)
    >>> age_on(date(2000, 2, 29), date(2028, 2, 29))
    28
    """
    before = (today.month, today.day) < (birthday.month, birthday.day)
    return today.year - birthday.year - before


def birthday_of(profile: Profile, zone: ZoneInfo, today: date) -> date | None:
    """The first of the traits BIRTHDAY that holds a day on which somebody who lives today can have been born."""
    found = (born_on(profile.trait(name), zone) for name in BIRTHDAY)
    return next((day for day in found if day is not None and possible_birthday(day, today)), None)


def possible_birthday(day: date, today: date) -> bool:
    """Nobody is born tomorrow, or older than OLDEST, unless the year is not known."""
    return _no_year(day) or (day <= today and age_on(day, today) <= OLDEST)


def born_on(said: Any, zone: ZoneInfo) -> date | None:
    """``1991-04-17``, ``17.04.1991``, ``--04-17`` (the year is then UNKNOWN_YEAR), or an instant: at midnight its day
    as written, else the local day in ``zone``.

    Browsers turn a local midnight into an instant of the day before; SDKs turn a plain date into midnight UTC.
    """
    if not isinstance(said, str):
        return None
    turkish, no_year = _TURKISH.fullmatch(said.strip()), _NO_YEAR.fullmatch(said.strip())
    try:
        if no_year:
            return date(UNKNOWN_YEAR, int(no_year[1]), int(no_year[2]))
        if turkish:
            return date(int(turkish[3]), int(turkish[2]), int(turkish[1]))
        instant = datetime.fromisoformat(said.strip())
        whole = (instant.hour, instant.minute, instant.second) == (0, 0, 0)
        return instant.date() if whole or instant.tzinfo is None else instant.astimezone(zone).date()
    except (ValueError, OverflowError):
        return None


def _no_year(day: date) -> bool:
    return day.year == UNKNOWN_YEAR


def _told_age(said: Any) -> int | None:
    if isinstance(said, str) and said.strip().isdecimal() and len(said.strip()) <= 3:
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= OLDEST:
        return None
    return int(said)


def _place(profile: Profile, *names: str) -> str | None:
    """The address's word before that of a trait of the same name."""
    address = profile.trait("address")
    inside = (address.get(name) for name in names) if isinstance(address, Mapping) else ()
    return _first((*inside, *(profile.trait(name) for name in names)))


def _said(profile: Profile, names: Iterable[str]) -> str | None:
    return _first(profile.trait(name) for name in names)


def _first(found: Iterable[Any]) -> str | None:
    return next(_texts(found), None)


def _texts(found: Iterable[Any]) -> Iterator[str]:
    for said in found:
        text = _text(said)
        if text is not None:
            yield text


def _text(said: Any) -> str | None:
    if isinstance(said, bool) or not isinstance(said, str | int):
        return None
    return str(said).strip()[:_LONGEST] or None
