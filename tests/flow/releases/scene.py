"""A part of a shop on tables in memory, played, kept and asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.adapters.attribute_values import read_item, write_item
from shared.adapters.memory import MemoryTable

World = TypeVar("World")


@dataclass(frozen=True)
class Scene(Generic[World]):
    """``play`` works with a new world, and returns what is on its way then: bodies of queues, tokens in messages.
    ``answers`` asks a world that holds the stored items, and goes on with it; its last questions may change it."""

    name: str
    new: Callable[[], World]
    tables: Callable[[World], Mapping[str, MemoryTable]]
    play: Callable[[World], dict[str, Any]]
    answers: Callable[[World, Any], dict[str, Any]]

    def kept(self) -> dict[str, Any]:
        """What a version keeps of it."""
        world = self.new()
        carried = self.play(world)
        items = {
            table: [write_item(item) for item in sorted(held.items(), key=lambda one: (one["pk"], one["sk"]))]
            for table, held in self.tables(world).items()
        }
        found = {"items": items, "carried": plain(carried)}
        return {**found, "answers": self.asked(found)}

    def asked(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """What the code of today says of kept items."""
        world = self.new()
        for table, held in self.tables(world).items():
            for item in held.items():
                held.delete(item["pk"], item["sk"])
            for item in kept["items"].get(table, ()):
                held.put(read_item(item))
        answers: dict[str, Any] = plain(self.answers(world, plain(kept["carried"])))
        return answers


def plain(value: Any) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(value, default=str))
