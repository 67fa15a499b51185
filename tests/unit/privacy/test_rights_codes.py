"""Codes of the page of a person's rights: mailed, used once, and tried so often a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.privacy.person import Person

pytestmark = pytest.mark.unit


@pytest.fixture
def person() -> Person:
    return Person()


def test_a_code_is_used_once(person: Person) -> None:
    """Whoever saw it over a shoulder gets no proof of his own."""
    link = person.link()
    sent, digits = person.code(link)
    assert person.post(link, step="prove", sent=sent, code=digits)["statusCode"] == 200
    again = person.post(link, step="prove", sent=sent, code=digits)
    assert again["statusCode"] == 400
    assert 'name="proof"' not in again["body"]


def test_a_code_that_was_not_mailed_does_not_exist(person: Person) -> None:
    """From the fourth of a day on there is no field to try anything in."""
    link = person.link()
    for _ in range(3):
        person.code(link)
    person.shop.world.clock.advance(timedelta(seconds=1))
    page = person.post(link, step="code")
    assert page["statusCode"] == 429
    assert 'name="sent"' not in page["body"]
    assert person.mails.bodies == []


@pytest.mark.parametrize("links", [1, 2, 3])
def test_tries_of_a_day_are_bounded_whatever_is_asked(person: Person, links: int) -> None:
    """Fifteen for one address and customer, over all links; then the right code opens nothing until the day is over."""
    paths = []
    for _ in range(links):
        person.shop.world.clock.advance(timedelta(seconds=1))
        paths.append(person.link())
    asked = [(paths[number % links], *person.code(paths[number % links])) for number in range(3)]
    compared = 0
    for path, sent, digits in asked:
        wrong = f"{(int(digits) + 1) % 10**6:06}"
        for _ in range(7):
            compared += person.post(path, step="prove", sent=sent, code=wrong)["statusCode"] == 400
    assert compared == 15
    path, sent, digits = asked[-1]
    assert person.post(path, step="prove", sent=sent, code=digits)["statusCode"] == 429
    person.shop.world.clock.advance(timedelta(days=1))
    assert person.proof(person.link())
