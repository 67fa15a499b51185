"""Walking a shard goes on and leaves nobody out: workers die, packs come twice, members come back or are unreadable."""

from __future__ import annotations

import pytest

from functions.schedule.campaign_walk import PAGE
from shared.domain.campaigns.campaign import Walk
from shared.stores.campaigns import Campaigns
from tests.unit.campaigns.world import Store, local, numbers_in

pytestmark = pytest.mark.unit


class Killed(BaseException):
    """The environment dies here."""


def test_a_chain_outlives_a_pack_that_came_twice_and_a_death(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers have the same pack; the second loses the race for the page, then the first is killed."""
    store = Store()
    for n in numbers_in(3, PAGE + 10):
        store.person(n, email=f"p{n}@example.com")
    store.plan()
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    packs, store.work.bodies = store.work.bodies, []
    [pack] = [one for one in packs if "walk#3" in one]
    put, read = Campaigns.put_walk, Campaigns.walk

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        monkeypatch.setattr(Campaigns, "put_walk", put)
        after = put(self, name, walk)
        monkeypatch.setattr(Campaigns, "walk", lambda *_: Walk(3))  # the second one read it before
        store.worker([pack])
        monkeypatch.setattr(Campaigns, "walk", read)
        assert after.walked == PAGE
        raise Killed

    monkeypatch.setattr(Campaigns, "put_walk", put_walk)
    with pytest.raises(Killed):
        store.worker([pack])
    store.worker([one for one in packs if one is not pack])
    store.settle()
    store.until(local(12))
    assert len(set(store.addresses)) == len(store.addresses) == PAGE + 10
    assert store.shown()["state"] == "done"
