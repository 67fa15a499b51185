"""The templates of a stored release, read when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from shared.domain.definitions.stored_models import read_stored

if TYPE_CHECKING:
    from shared.domain.templates.definition import Template


class StoredTemplates(Sequence["Template"]):
    """Reads as the tuple of templates. Segment and schedule ask for none of them and import no model of templates.

    Raises
    ------
    ValidationError
        Each time that a template is asked for, if one of them cannot be read.
    """

    def __init__(self, stored: Sequence[Mapping[str, Any]]) -> None:
        self._stored = stored

    @cached_property
    def _read(self) -> tuple[Template, ...]:
        from shared.domain.templates.definition import Template

        return tuple(read_stored(Template, template) for template in self._stored)

    @overload
    def __getitem__(self, place: int) -> Template: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Template, ...]: ...

    def __getitem__(self, place: int | slice) -> Template | tuple[Template, ...]:
        return self._read[place]

    def __len__(self) -> int:
        return len(self._stored)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple | StoredTemplates):
            return self._read == tuple(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as of templates, which hold dictionaries
