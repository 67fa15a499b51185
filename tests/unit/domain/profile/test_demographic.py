"""Who somebody is, read from traits as channels send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.profile.demographic import UNKNOWN_YEAR, age_on, demographic
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.profile.profile_json import profile_json
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event

pytestmark = UNIT
ISTANBUL = ZoneInfo("Europe/Istanbul")
SHOP = Shop(name="Test")


def profile(events: Sequence[Event]) -> Profile:
    return profile_of("u.x", ("u.x",), (), fold(Facts(), events, features()))


def traits(**said: Any) -> Profile:
    return profile([event("identify", ["user:1"], trusted=True, traits=said)])


@cases(80)
@given(st.dates(date(1910, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2029, 12, 31)))
@example(date(2000, 2, 29), date(2027, 2, 28))
@example(date(2000, 2, 29), date(2027, 3, 1))
@example(date(2000, 2, 29), date(2028, 2, 29))
def test_the_age_is_the_number_of_birthdays(birthday: date, today: date) -> None:
    """Counted one by one: in a common year 29 February falls on 1 March."""
    count = 0
    for year in range(birthday.year + 1, today.year + 1):
        try:
            anniversary = birthday.replace(year=year)
        except ValueError:
            anniversary = date(year, 3, 1)
        count += anniversary <= today
    assert age_on(birthday, today) == count


def test_the_birthday_begins_at_the_customers_midnight() -> None:
    """At 22:00 UTC it is the next day in Istanbul, and somebody is a year older there."""
    born = traits(birthday="1991-11-23")
    at = datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert demographic(born, ISTANBUL, at).age == 35
    assert demographic(born, ZoneInfo("America/New_York"), at).age == 34


def test_a_birthday_without_its_year_returns_and_tells_no_age() -> None:
    """Mailchimp and address books know month and day only; an age that was told counts then."""
    found = demographic(traits(birthday="--02-29", age=31), ISTANBUL, NOW)
    assert (found.birthday, found.age) == (date(UNKNOWN_YEAR, 2, 29), 31)
    assert demographic(traits(birthday="--02-30", dateOfBirth="1990-01-01"), ISTANBUL, NOW).birthday == date(1990, 1, 1)
    shown = profile_json(traits(birthday="--02-29"), (), SHOP, ISTANBUL, NOW)
    assert shown["demographic"]["birthday"] == "--02-29"
    assert shown["demographic"]["age"] is None


@pytest.mark.parametrize(
    "said",
    ["1991-04-17", "1991-04-17T00:00:00.000Z", "17.04.1991", "1991-04-16T22:00:00.000Z", "1991-04-17T00:00:00"],
)
def test_a_birthday_as_sdks_and_forms_write_it(said: str) -> None:
    """A plain date, midnight UTC, a Turkish date, and a local midnight that a browser turned into an instant."""
    assert demographic(traits(birthDate=said), ISTANBUL, NOW).birthday == date(1991, 4, 17)


@pytest.mark.parametrize("said", ["", "soon", "1991-13-01", "31.02.1990", "2027-01-01", "1850-01-01", 1991, None, []])
def test_a_birthday_that_cannot_be_is_none(said: Any) -> None:
    """Nonsense, the future and people of 170 years give no age; the told age counts then."""
    found = demographic(traits(birthday=said, age="41"), ISTANBUL, NOW)
    assert (found.birthday, found.age) == (None, 41)


@pytest.mark.parametrize("age", [True, -1, 121, "old", 10**400, "²", float(1000)])
def test_a_told_age_that_cannot_be_is_none(age: Any) -> None:
    """What is no age of a person is not shown as one."""
    assert demographic(traits(age=age), ISTANBUL, NOW).age is None


def test_place_gender_and_job_under_their_usual_names() -> None:
    """The address stands before traits of the same name; Segment's and Turkish words for gender and work are read."""
    found = demographic(
        traits(
            gender="Kadın", city="Ankara", country="TR", title="Mimar",
            address={"city": "İzmir", "postalCode": 35000, "state": "Ege"},
            company={"name": "Kule", "industry": "Yapı"},
        ),
        ISTANBUL,
        NOW,
    )  # fmt: skip
    assert (found.gender, found.city, found.region, found.postal_code, found.country) == (
        "female", "İzmir", "Ege", "35000", "TR",
    )  # fmt: skip
    assert (found.job_title, found.company, found.industry) == ("Mimar", "Kule", "Yapı")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["city", "name", "industry"]), inner),
    max_leaves=4,
)


@cases(40)
@given(st.dictionaries(st.sampled_from(["birthday", "age", "gender", "address", "city", "company", "title"]), JSON))
def test_whatever_the_traits_hold_nothing_breaks(said: dict[str, Any]) -> None:
    """Traits are what channels send: read or passed over, never raised."""
    found = demographic(traits(**said), ISTANBUL, NOW)
    assert found.age is None or 0 <= found.age <= 120
