"""What the operators' questions are answered from; the environment of a function has it."""

from __future__ import annotations

from typing import Protocol

from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock, Table


class People(Protocol):
    """What it takes to find a customer and to note what he asks for."""

    @property
    def clock(self) -> Clock: ...

    @property
    def customers(self) -> Table: ...

    @property
    def catalog(self) -> Table: ...

    @property
    def keys(self) -> IdentifierKeys: ...

    @property
    def phone(self) -> PhoneReader: ...


class Environment(People, Protocol):
    """The tables that operators ask, the clock, and how identifiers become keys."""

    @property
    def messages(self) -> Table: ...

    @property
    def timers(self) -> Table: ...
