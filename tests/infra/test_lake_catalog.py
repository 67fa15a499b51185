"""The lake's tables for Athena: made when they are asked for, with the columns of the code."""

from __future__ import annotations

import pytest

from cli.lake_tables import FILE, text
from infra.lake_catalog import COLUMNS
from shared.domain.lake.tables import TABLES
from tests.infra.conftest import Synthesized

pytestmark = pytest.mark.unit


def test_the_columns_are_those_of_the_code() -> None:
    """`.venv/bin/python -m cli.lake_tables` writes them anew."""
    assert FILE.read_text("utf-8") == text()
    assert {name: [column for column, _, _ in columns] for name, columns in COLUMNS.items()} == {
        table.name: [column.name for column in table.columns] for table in TABLES.values()
    }


def test_a_query_reads_no_more_than_was_set(varied: Synthesized) -> None:
    """Whoever asks: the workgroup's limit holds, and answers go by themselves, encrypted."""
    (group,) = varied.properties("AWS::Athena::WorkGroup")
    said = group["WorkGroupConfiguration"]
    assert said["BytesScannedCutoffPerQuery"] == 10_000_000_000
    assert said["EnforceWorkGroupConfiguration"] is True
    assert said["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert "/answers/" in str(said["ResultConfiguration"]["OutputLocation"])


def test_days_are_there_without_a_crawler(varied: Synthesized) -> None:
    """Each table lies where compaction writes it, by day."""
    found = {one["TableInput"]["Name"]: one for one in varied.properties("AWS::Glue::Table")}
    assert set(found) == set(TABLES)
    for name, table in found.items():
        parameters = table["TableInput"]["Parameters"]
        assert parameters["projection.day.format"] == "yyyy-MM-dd"
        assert f"/lake/{name}/day=${{day}}" in str(parameters["storage.location.template"])
        assert table["DatabaseName"] == "kervan_prod_lake"


def test_nobody_pays_for_what_he_did_not_ask_for(prod: Synthesized) -> None:
    for kind in ("AWS::Athena::WorkGroup", "AWS::Glue::Table", "AWS::Glue::Database"):
        assert prod.resources(kind) == []
