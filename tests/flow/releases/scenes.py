"""Every scene that a released version keeps."""

from __future__ import annotations

from typing import Any

from tests.flow.releases import lake
from tests.flow.releases.campaigns import CAMPAIGNS
from tests.flow.releases.decisions import BACKFILL, DRY_RUN, TOGETHER
from tests.flow.releases.operators import OPERATORS
from tests.flow.releases.person import PERSON
from tests.flow.releases.progress import PROGRESS
from tests.flow.releases.records import RECORDS
from tests.flow.releases.registers import PLATFORMS, REGISTER
from tests.flow.releases.scene import Scene
from tests.flow.releases.sending import SENDING
from tests.flow.releases.service import SERVICE
from tests.flow.releases.shops import INTERESTS, SHOPS
from tests.flow.releases.stock import STOCK
from tests.flow.releases.told import TOLD

SCENES: tuple[Scene[Any], ...] = (
    STOCK, SERVICE, REGISTER, PLATFORMS, SHOPS, INTERESTS, PERSON, SENDING, CAMPAIGNS, BACKFILL, TOGETHER, DRY_RUN,
    OPERATORS, RECORDS, PROGRESS, TOLD,
)  # fmt: skip
SHOP = "shop"
"""The scene of ``stored_data``: everything that happens between an event and a message, on moto."""
NAMES = (*(one.name for one in SCENES), lake.SCENE)
