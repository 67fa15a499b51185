"""What stock is read from and changed with; the environment of a function has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.ports import Clock
from shared.stores.locations import Locations
from shared.stores.pickups import Pickups
from shared.stores.products import Products
from shared.stores.stock import StockStore
from shared.stores.stock_events import Notices
from shared.stores.timers import Timers


@dataclass(frozen=True, slots=True)
class People:
    """What names customers: made with the first request that is about one, because it needs the deployment's secret."""

    keys: IdentifierKeys
    phone: PhoneReader
    notices: Notices


class Environment(Protocol):
    """``pause`` waits before the given attempt at a change that another one came before. ``zone``: that of the shop."""

    @property
    def clock(self) -> Clock: ...

    @property
    def stock(self) -> StockStore: ...

    @property
    def products(self) -> Products: ...

    @property
    def locations(self) -> Locations: ...

    @property
    def zone(self) -> Callable[[], ZoneInfo]: ...

    @property
    def timers(self) -> Timers: ...

    @property
    def pickups(self) -> Pickups: ...

    @property
    def people(self) -> Callable[[], People]: ...

    @property
    def pause(self) -> Callable[[int], None]: ...
