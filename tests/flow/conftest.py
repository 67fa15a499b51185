"""Credentials that no cloud knows, and a deployment on moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.adapters import aws
from shared.domain.privacy.data_map import unmapped
from tests.flow.aws_tables import TABLES, stored_items
from tests.flow.deployment import Deployment, deployed
from tests.support.moto_wire import route_to_moto


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    route_to_moto(monkeypatch)
    aws.session.cache_clear()
    with deployed() as made:
        yield made
        for table in TABLES:
            assert unmapped(table, stored_items(table)) == [], "name it in shared/domain/privacy/data_kinds.py"
    aws.session.cache_clear()
