"""Segments that ask about each other are checked together, with place and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.definitions.bundle import Document, check

pytestmark = pytest.mark.unit

SHOP = Document("shop.yaml", {"name": "Kervan"})


def problems(**segments: Any) -> list[tuple[str, str, str, str]]:
    documents = [Document(f"{name}.yaml", {"segment": name, "who": who}) for name, who in segments.items()]
    found = check([SHOP, *documents], {}).problems
    return [(problem.file, problem.path, problem.message, problem.remedy) for problem in found]


def asks(name: str) -> dict[str, str]:
    return {"in_segment": name}


BUYERS = {"orders": {"at_least": 1}}


def test_a_segment_that_is_not_there_is_named_with_its_place() -> None:
    """Deep inside a rule, with the name that was probably meant."""
    [found] = problems(buyers=BUYERS, vip={"all": [BUYERS, {"not": {"any": [asks("buyer"), BUYERS]}}]})
    place = "who.all[1].not.any[0].in_segment"
    assert found == ("vip.yaml", place, "there is no segment buyer", "did you mean buyers?")


def test_a_circle_is_named_once_from_its_first_segment() -> None:
    """Three segments that ask about each other are one problem; one that leads into the circle is none."""
    [found] = problems(b=asks("c"), c={"not": asks("a")}, a={"all": [BUYERS, asks("b")]}, into=asks("a"))
    assert found[:3] == (
        "a.yaml",
        "who.all[1].in_segment",
        "the segments ask about each other in a circle: a -> b -> c -> a",
    )


def test_a_segment_that_asks_about_itself_is_a_circle() -> None:
    """And two circles are two problems."""
    found = problems(a=asks("a"), b=asks("c"), c=asks("b"))
    assert [message.rpartition(": ")[2] for _, _, message, _ in found] == ["a -> a", "b -> c -> b"]


def test_asking_the_same_segment_twice_is_no_circle() -> None:
    """A segment may be part of many."""
    assert (
        problems(base=BUYERS, left=asks("base"), right=asks("base"), top={"all": [asks("left"), asks("right")]}) == []
    )
