"""No attribute of a consent or a location can be renamed unnoticed: a scene of the kept data then says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flow.releases.names import Name, names_of, notices
from tests.flow.releases.person import PERSON
from tests.flow.releases.stock import STOCK

pytestmark = pytest.mark.flow


def unnoticed(scene: Any, kind: str) -> list[Name]:
    """Names of this kind of item that the scene, as it is played today, does not ask for."""
    found = scene.kept()
    names = [name for name in names_of(found) if name[1] == kind]
    assert len(names) > 5
    return [name for name in names if not notices(scene, found, name)]


@pytest.mark.parametrize(("scene", "kind"), [(PERSON, "consent"), (STOCK, "location")], ids=["consent", "location"])
def test_each_name_is_noticed(scene: Any, kind: str) -> None:
    """Whether it is renamed in the items or where they are read."""
    assert unnoticed(scene, kind) == []
