"""A test of one value that a channel sent: a property of an event, or a trait."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from shared.domain.definitions.bounds import Amount, AmountBounds, plain_number
from shared.domain.definitions.text_comparison import folded
from shared.domain.facts import values

Word = StrictBool | Amount | Annotated[str, Field(max_length=512)]
"""What a value is compared with: a truth, a number, or a text."""


class ValueTest(AmountBounds):
    """Every word that is given must hold. A list passes if one of its elements does.

    ``is``/``one_of``: the same number, truth, or text (``folded``); a number is also equal to its text. ``contains``: a
    piece of the text. The bounds are for numbers and texts that are numbers. ``exists``:
    whether there is a value at all (null is none).
    """

    is_: Word | None = Field(default=None, alias="is")
    one_of: tuple[Word, ...] | None = Field(default=None, min_length=1, max_length=200)
    contains: str | None = Field(default=None, min_length=1, max_length=512)
    starts_with: str | None = Field(default=None, min_length=1, max_length=512)
    exists: StrictBool | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        words = (self.is_, self.one_of, self.contains, self.starts_with, self.exists)
        if not self.bounded and all(word is None for word in words):
            raise ValueError(
                "say what it must be; write is, one_of, contains, starts_with, exists, at_least, at_most, exactly, "
                "more_than or less_than"
            )
        return self

    @property
    def asks_value(self) -> bool:
        """Whether anything beside ``exists`` is asked."""
        return self.bounded or any(
            word is not None for word in (self.is_, self.one_of, self.contains, self.starts_with)
        )


def _short(value: Any) -> Any:
    """``category: Shoes`` is ``category: {is: Shoes}``; a list is ``one_of``."""
    if isinstance(value, list | tuple):
        return {"one_of": list(value)}
    return {"is": value} if isinstance(value, str | int | float) else value


Test = Annotated[ValueTest, BeforeValidator(_short)]
"""A test, or its short form: a value, or a list of values."""

PropertyPath = Annotated[str, Field(pattern=r"^[^.\x00-\x1f]{1,60}(\.[^.\x00-\x1f]{1,60}){0,3}$")]
"""``category``, or with dots into what is inside: ``products.category`` looks at every product."""
Where = Annotated[Mapping[PropertyPath, Test], Field(min_length=1, max_length=10)]
"""Properties of an event and what they must be; all must hold."""


def passes(test: ValueTest, found: Iterable[Any]) -> bool:
    """Whether one of the values at a path passes. Nothing there passes only ``exists: false``."""
    there = [value for value in found if value is not None]
    if test.exists is False:
        return not there
    if not test.asks_value:
        return bool(there)
    return any(_passes(test, value) for value in there)


def values_at(source: Mapping[str, Any], path: str) -> Iterator[Any]:
    """What lies at a path; a list on the way, or at its end, is looked through element by element."""
    here: list[Any] = [source]
    for name in path.split("."):
        here = [part[name] for part in _elements(here) if isinstance(part, Mapping) and name in part]
    yield from _elements(here)


def matches(where: Mapping[str, ValueTest], properties: Mapping[str, Any]) -> bool:
    """Whether an event's properties pass every test."""
    return all(passes(test, values_at(properties, path)) for path, test in where.items())


def feature_key(name: str, where: Mapping[str, ValueTest] | None) -> str:
    """What facts call the occurrences of an event that pass these tests: the name, and a digest of the tests."""
    if not where:
        return name
    asked = {path: _written(where[path]) for path in sorted(where)}
    raw = json.dumps(asked, sort_keys=True, ensure_ascii=True).encode()
    return f"{name}?{hashlib.blake2b(raw, digest_size=6).hexdigest()}"


def _written(test: ValueTest) -> dict[str, Any]:
    """``model_dump`` in JSON, by alias and without what is None; without the serializer that would be built for it."""
    said = ((info.alias or name, getattr(test, name)) for name, info in ValueTest.model_fields.items())
    return {
        word: [_plain(one) for one in value] if isinstance(value, tuple) else _plain(value)
        for word, value in said
        if value is not None
    }


def _plain(word: Any) -> Any:
    return plain_number(word) if isinstance(word, Decimal) else word


def equal(word: bool | Any, value: Any) -> bool:
    """Whether a value is the word of a definition: truths, numbers and texts each by their own rule."""
    if isinstance(word, bool) or isinstance(value, bool):
        return _boolean_of(word) is not None and _boolean_of(word) == _boolean_of(value)
    if isinstance(word, str) and isinstance(value, str):
        return folded(word) == folded(value)
    left, right = values.number(word if isinstance(word, str) else str(word)), values.number(value)
    return left is not None and left == right


def _boolean_of(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().casefold()) if isinstance(value, str) else None


def _passes(test: ValueTest, value: Any) -> bool:
    if test.is_ is not None and not equal(test.is_, value):
        return False
    if test.one_of is not None and not any(equal(word, value) for word in test.one_of):
        return False
    if test.contains is not None and not _contains(test.contains, value):
        return False
    if test.starts_with is not None and not (
        isinstance(value, str) and folded(value).startswith(folded(test.starts_with))
    ):
        return False
    if not test.bounded:
        return True
    number = values.number(value)
    return number is not None and test.allows(number)


def _contains(word: str, value: Any) -> bool:
    return isinstance(value, str) and folded(word) in folded(value)


def _elements(found: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for value in found:
        if isinstance(value, list | tuple):
            flat.extend(value)
        else:
            flat.append(value)
    return flat
