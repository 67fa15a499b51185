"""When a campaign begins: at the time that was scheduled, whatever an earlier scheduling left behind."""

from __future__ import annotations

import pytest

from shared.domain.campaigns.campaign import Campaign
from shared.stores.campaigns import Campaigns
from tests.unit.campaigns.world import SALE, Store, local

pytestmark = pytest.mark.unit
LATER = "2026-11-24T15:00"


def test_a_scheduling_that_died_leaves_a_timer_that_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It died before the campaign was written; the marketer sends it again with a later time, and that one counts."""
    store = Store()
    store.people(3)
    with monkeypatch.context() as dying:
        dying.setattr(Campaigns, "create", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            store.ask("POST", body={"definition": SALE})
    store.plan(at=LATER)
    store.until(local(15))
    assert store.addresses == []
    store.until(local(16))
    assert len(store.addresses) == 3


def test_who_loses_the_race_for_the_name_does_not_move_the_winner_s_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both armed a timer; only the campaign that stands says when it begins."""
    store = Store()
    store.people(3)
    create = Campaigns.create

    def overtaken(self: Campaigns, campaign: Campaign) -> None:
        monkeypatch.setattr(Campaigns, "create", create)
        store.plan(at=LATER)
        create(self, campaign)

    monkeypatch.setattr(Campaigns, "create", overtaken)
    status, answer = store.ask("POST", body={"definition": SALE})
    assert (status, answer["error"]) == (409, "name_taken")
    store.until(local(15))
    assert store.addresses == []
    store.until(local(16))
    assert len(store.addresses) == 3
