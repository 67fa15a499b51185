"""No name of a stored attribute changes unnoticed: a scene of the kept data then says otherwise, or it stands here."""

from __future__ import annotations

import pytest

from shared.domain.privacy.data_map import DATA_MAP
from tests.flow.releases import kept
from tests.flow.releases.decisions import DRY_RUN
from tests.flow.releases.names import Name, names_of, notices
from tests.flow.releases.person import PERSON
from tests.flow.releases.scenes import SCENES, SHOP
from tests.flow.releases.write import current

pytestmark = pytest.mark.flow

EXPIRES = "expires"
"""By this DynamoDB deletes items of every table; no function reads it."""
SHOWN = "told to people of the past, and nothing is decided by it"
SHORT = "gone within the hour or the day: what is counted or asked once more is one of many"
AGAIN = "a dry run is kept for seven days; who misses one asks for it again"
MAY_CHANGE: dict[Name, str] = {
    ("catalog", "digest of a month", "at"): SHOWN,
    ("catalog", "issuer of customer tokens", "at"): SHOWN,
    ("catalog", "release of definitions", "changed"): SHOWN,
    ("catalog", "release of definitions", "more"): SHOWN,
    ("catalog", "release of definitions", "origin"): SHOWN,
    ("catalog", "state of a channel's provider", "by"): SHOWN,
    ("catalog", "customers of a dry run", "people"): AGAIN,
    ("catalog", "dry run of a journey", "error"): AGAIN,
    ("catalog", "dry run of a journey", "of_shard"): AGAIN,
    ("catalog", "dry run of a journey", "parts"): AGAIN,
    ("catalog", "dry run of a journey", "touched"): AGAIN,
    ("catalog", "dry run of a journey", "version"): AGAIN,
    ("stock", "mark of a movement or reservation", "at"): SHOWN,
    ("messages", "mark of an open or click", "first_ms"): SHORT,
    ("messages", "sign-up and its counters", "count"): SHORT,
    ("metrics", "addresses that complained", "count"): SHORT,
    ("metrics", "counters of a source", "new#*"): SHORT,
    ("conversations", "when a team was told", "at"): SHORT,
    ("conversations", "when a customer was asked", "at"): "a customer may be asked once more within 30 days",
    ("iys", "recipient at the register", "asked"): "the register is asked once more",
    ("stock", "level of a product", "shop_ms"): "the shop's next report writes it anew",
    ("catalog", "switches of sending", "version"): "an item without one is written in its first version",
    ("customers", "names in the search index", "version"): "an item without one is written in its first version",
    ("customers", "facts", "spilled_items"): "less than was written is never waited for",
    ("customers", "customer", "events"): "read from the stream, in the second in which it is written",
    ("customers", "enrollment", "state"): "only who counts what waits asks for it",
    ("messages", "coupon code that was given", "coupon"): "the key says it too",
}  # fmt: skip
"""Names that no scene asks for, each with its reason."""
MINUTES = "gone in minutes"
WITHIN_DAYS = "gone within days, and read for people only"
ABSENT_IS_NONE = "where it is missing there is none, and the next write makes it"
NOT_PLAYED: dict[tuple[str, str], tuple[str, str]] = {
    ("audiences", "lease of who tells platforms"): ("owner until", MINUTES),
    ("iys", "lease of the exchange with the register"): ("owner until", MINUTES),
    ("timers", "lease of a shard"): ("handed owner until", MINUTES),
    ("customers", "link of an identifier"): ("moving", MINUTES),
    ("catalog", "campaign that stopped by itself"): ("at because bounced complained expires limit sent", WITHIN_DAYS),
    ("catalog", "campaign"): ("cancelled_at sample stopped", "a campaign that ended, and a test"),
    ("catalog", "test of a campaign"): (
        "at_least begins cancelled_at definition estimate expires release sample scheduled_at", WITHIN_DAYS,
    ),
    ("catalog", "progress of a campaign"): ("handed", SHOWN),
    ("catalog", "state of a channel's provider"): ("taken waiting", "counts of the hours of an outage"),
    ("metrics", "counters of a source"): ("failed guarded refused#* warned#*", "counts of eight days, for people"),
    ("customers", "consent that was folded"): ("merchant", "of a grant alone, and grants of merchants are not folded"),
    ("interests", "interest in a product"): ("sku", ABSENT_IS_NONE),
    ("iys", "recipient at the register"): ("erased home status_since", ABSENT_IS_NONE),
    ("messages", "coupon code that is free"): ("mark", ABSENT_IS_NONE),
    ("messages", "coupon code that was given"): ("mark", ABSENT_IS_NONE),
    ("stock", "item of a connected shop"): ("untracked", ABSENT_IS_NONE),
    ("stock", "level of a product"): ("shop_holds shop_short shop_untracked", ABSENT_IS_NONE),
}  # fmt: skip
"""Attributes of the data map that no item of a scene has, each kind with its reason."""
DEAR = (PERSON, DRY_RUN)
"""Scenes whose answers take longer; names that another scene notices are not asked of them."""


def test_each_stored_name_is_noticed_or_named_here() -> None:
    """Each is taken away under its name, as if the new version called it otherwise, and the scenes that hold it are
    asked until one says something else."""
    noticed: set[Name] = set()
    met: set[Name] = set()
    for scene in sorted(SCENES, key=lambda one: one in DEAR):
        found = scene.kept()
        names = {name for name in names_of(found) if name[2] != EXPIRES}
        noticed |= {name for name in sorted(names - noticed) if notices(scene, found, name)}
        met |= names
    assert len(met) > 450
    assert met - noticed == MAY_CHANGE.keys()


def test_each_attribute_of_the_data_map_is_in_a_scene_or_named_here() -> None:
    """Of the data that the newest version keeps."""
    met = {name for scene in (*(one.name for one in SCENES), SHOP) for name in names_of(kept.read(current(), scene))}
    mapped = {(kind.table, kind.name, name) for kind in DATA_MAP for name in kind.attributes if name != "*"}
    named = {(*kind, name) for kind, (names, _reason) in NOT_PLAYED.items() for name in names.split()}
    assert mapped - met == named
