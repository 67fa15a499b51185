"""Reads definitions that a release stores, without the validators that pydantic would have to build first.

A release was validated when it was published and was written by ``model_dump``, so its JSON has one shape. Building
pydantic's validators of all definitions takes longer at a cold start than everything that is done with them
(docs/benchmarks.md#cold-start-counted). ``read_stored`` gives the same object as ``model_validate``: it calls the
validators that our models name, and leaves out pydantic's own checks of patterns, lengths and bounds. Whatever has
another shape is validated.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import BaseMetadata
from msgspec import Struct
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    Discriminator,
    PlainSerializer,
    Strict,
    StringConstraints,
    Tag,
)
from pydantic.fields import FieldInfo

Read = Callable[[Any], Any]
_Model = TypeVar("_Model", bound=BaseModel)
_CHECKS = (BaseMetadata, Strict, AllowInfNan, PlainSerializer, Tag)
"""What stands beside a type and changes no value that was written by the model itself."""
_KNOWN = (*_CHECKS, BeforeValidator, AfterValidator, StringConstraints, Discriminator)
_SETTINGS = {"extra", "frozen", "populate_by_name", "defer_build"}
_PLAIN = (str, int, float, bool, type(None))


class _OtherShape(Exception):
    """The value is not what ``model_dump`` writes, or the model does what is not known here: it is validated."""


_NOT_READ = (
    _OtherShape,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What validators and readers of texts raise at a value of another shape."""


class _Field(Struct):
    """One field of a model. ``read`` is made when the first value of the field is read: most definitions say little."""

    name: str
    annotation: Any
    said: tuple[Any, ...]
    """What stands beside the type in ``Annotated`` and in ``Field``."""
    info: FieldInfo
    after: tuple[Callable[..., Any], ...]
    """The model's own validators of the field; each is given the value, and what was read before if it asks."""
    read: Read | None = None

    def value(self, stored: Any, found: dict[str, Any]) -> Any:
        if self.read is None:
            _checked(self.info)
            self.read = _annotated(self.annotation, self.said) if self.said else _read_of(self.annotation)
        value = self.read(stored)
        for validate in self.after:
            value = validate(value, found)
        return value


class _Reader(Struct, frozen=True):
    fields: Mapping[str, _Field]
    """By the word that stands in the JSON, in the order of the model."""
    order: Mapping[str, int]
    before: tuple[str, ...]
    after: tuple[str, ...]
    extra: bool


_READERS: dict[type[BaseModel], _Reader] = {}


def read_stored(model: type[_Model], stored: Any) -> _Model:
    """The same as ``model.model_validate(stored)``, for what the model itself wrote and validated before.

    Raises
    ------
    ValidationError
        If it has another shape, and cannot be validated either.
    """
    try:
        return _read(model, stored)
    except _NOT_READ:  # whatever it was, validation says it better
        return model.model_validate(stored)


def _read(model: type[_Model], stored: Any) -> _Model:
    reader = _READERS.get(model)
    if reader is None:
        reader = _READERS[model] = _reader_of(model)
    for name in reader.before:
        stored = getattr(model, name)(stored)
    if type(stored) is not dict:
        raise _OtherShape
    found: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for word in sorted(stored, key=lambda word: reader.order.get(word, 0)):
        field = reader.fields.get(word)
        if field is None:
            extra[word] = _text(stored[word]) if reader.extra else _refuse()
            continue
        found[field.name] = field.value(stored[word], found)
    if len(found) + len(extra) < len(stored):  # a word and its alias: one of them would win
        raise _OtherShape
    built = model.model_construct(set(found) | set(extra), **found, **extra)
    if len(built.__dict__) < len(model.model_fields):  # a field without a default is missing
        raise _OtherShape
    for name in reader.after:
        built = getattr(built, name)()
    return built


def _refuse() -> Any:
    raise _OtherShape


def _reader_of(model: type[BaseModel]) -> _Reader:
    """How an object of the model is read. Raises ``_OtherShape`` if the model does what is not known here."""
    said = model.__pydantic_decorators__
    others = said.root_validators, said.validators, said.computed_fields
    if (
        any(others)
        or model.__private_attributes__
        or model.__pydantic_post_init__
        or any(info.validate_default for info in model.model_fields.values())
        or set(model.model_config) - _SETTINGS
    ):
        raise _OtherShape
    modes = {name: one.info.mode for name, one in said.model_validators.items()}
    if set(modes.values()) - {"before", "after"}:
        raise _OtherShape
    after: dict[str, list[Callable[..., Any]]] = {}
    for name, one in said.field_validators.items():
        if one.info.mode != "after":
            raise _OtherShape
        for field in one.info.fields:
            after.setdefault(field, []).append(_own_validator(model, name))
    late = _annotations(model) if not model.__pydantic_fields_complete__ else {}
    fields = {}
    for name, info in model.model_fields.items():
        annotation, beside = (late[name], ()) if late else (info.annotation, tuple(info.metadata))
        fields[info.alias or name] = _Field(name, annotation, beside, info, tuple(after.get(name, ())))
    return _Reader(
        fields,
        {word: place for place, word in enumerate(fields)},
        tuple(name for name, mode in modes.items() if mode == "before"),
        tuple(name for name, mode in modes.items() if mode == "after"),
        model.model_config.get("extra") == "allow",
    )


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    """The types of a model that names itself, or what stands below it: pydantic resolves them with the validators."""
    found: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= inspect.get_annotations(base, eval_str=True)
    return found


def _own_validator(model: type[BaseModel], name: str) -> Callable[..., Any]:
    validate = getattr(model, name)
    if validate.__func__.__code__.co_argcount == 2:
        return lambda value, _: validate(value)
    return lambda value, found: validate(value, SimpleNamespace(data=found))


def _checked(info: FieldInfo) -> None:
    """Raises ``_OtherShape`` if a field says more than a word, a default, and checks."""
    if info.validation_alias != info.alias or info.discriminator is not None:
        raise _OtherShape
    if not all(isinstance(one, _KNOWN) for one in info.metadata):
        raise _OtherShape


def _read_of(annotation: Any) -> Read:
    """How a value of a type is read from JSON."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(parts[0], parts[1:])
    if origin in (Union, types.UnionType):
        return _one_of([_read_of(part) for part in parts], [_bare(part) for part in parts])
    if origin is Literal:
        return lambda value: value if any(value == one and type(value) is type(one) for one in parts) else _refuse()
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        element = _read_of(parts[0])
        return lambda value: tuple(map(element, value)) if type(value) is list else _refuse()
    if origin in (dict, Mapping):
        key, held = map(_read_of, parts)
        return lambda value: {key(name): held(one) for name, one in value.items()} if type(value) is dict else _refuse()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return lambda value: _read(annotation, value)
    return _SCALARS[annotation]


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _annotated(bare: Any, said: tuple[Any, ...]) -> Read:
    """A type with what stands beside it: validators, the outermost of ``before`` first, and checks."""
    chosen = next((one for one in said if isinstance(one, Discriminator)), None)
    read = _read_of(bare) if chosen is None else _tagged(bare, chosen)
    for one in said:
        if isinstance(one, BeforeValidator):
            read = _before(_single(one.func), read)
        elif isinstance(one, AfterValidator):
            read = _before(read, _single(one.func))
        elif isinstance(one, StringConstraints):
            read = _before(read, _constrained(one))
        elif isinstance(one, FieldInfo):
            _checked(one)
        elif not isinstance(one, (*_CHECKS, Discriminator)):
            raise _OtherShape
    return read


def _constrained(said: StringConstraints) -> Read:
    """Pydantic also changes such a text; what it wrote is as it would make it."""

    def check(value: str) -> str:
        same = (
            (not said.strip_whitespace or value == value.strip())
            and (not said.to_lower or value == value.lower())
            and (not said.to_upper or value == value.upper())
        )
        return value if same else _refuse()

    return check


def _single(validate: Any) -> Read:
    if validate.__code__.co_argcount != 1:
        raise _OtherShape
    return validate  # type: ignore[no-any-return]


def _before(first: Read, then: Read) -> Read:
    return lambda value: then(first(value))


def _tagged(union: Any, chosen: Discriminator) -> Read:
    """The part of a union that the discriminator names."""
    tag_of = chosen.discriminator
    if isinstance(tag_of, str):
        raise _OtherShape
    parts = {next(one.tag for one in part.__metadata__ if isinstance(one, Tag)): part for part in get_args(union)}
    reads: dict[Any, Read] = {}

    def read(value: Any) -> Any:
        tag: Any = tag_of(value)
        if tag not in reads:
            reads[tag] = _read_of(parts[tag])
        return reads[tag](value)

    return read


def _one_of(parts: list[Read], bare: list[Any]) -> Read:
    """The part that takes the value. A plain value goes to the part of its own type before all others, as pydantic
    does it; otherwise a value that two parts take is validated."""
    own = {kind: read for kind, read in zip(bare, parts, strict=True) if kind in _PLAIN}

    def read(value: Any) -> Any:
        exact = own.get(type(value))
        if exact is not None:
            return exact(value)
        taken = []
        for part in parts:
            try:
                taken.append(part(value))
            except _NOT_READ:  # another part may take it
                continue
        if len(taken) != 1:
            raise _OtherShape
        return taken[0]

    return read


def _of_type(kind: type) -> Read:
    return lambda value: value if type(value) is kind else _refuse()


def _text(value: Any) -> str:
    return value if type(value) is str else _refuse()


def _decimal(value: Any) -> Decimal:
    read = value if type(value) is Decimal else Decimal(_text(value))
    return read if read.is_finite() and str(read) == str(value) else _refuse()


def _time(value: Any) -> time:
    read = value if type(value) is time else time.fromisoformat(value)
    return read if type(value) is time or read.isoformat() == value else _refuse()


def _date(value: Any) -> date:
    read = date.fromisoformat(value)
    return read if read.isoformat() == value else _refuse()


_SCALARS: Mapping[Any, Read] = {
    **{kind: _of_type(kind) for kind in (*_PLAIN, timedelta)},
    None: _of_type(type(None)),
    Any: lambda value: value,
    Decimal: _decimal,
    time: _time,
    date: _date,
}
