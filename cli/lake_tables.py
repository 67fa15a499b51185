"""Writes the lake's columns for the CDK app, which imports no other package: ``python -m cli.lake_tables``."""

from __future__ import annotations

import json
from pathlib import Path

from shared.domain.lake.tables import TABLES, Kind

FILE = Path(__file__).parent.parent / "infra" / "lake_tables.json"
GLUE: dict[Kind, str] = {
    "text": "string",
    "texts": "array<string>",
    "instant": "bigint",
    "money": "decimal(18,2)",
    "number": "decimal(18,4)",
    "count": "bigint",
    "flag": "boolean",
    "products": "array<struct<product_id:string,category:string,price:decimal(18,2),quantity:bigint>>",
    "steps": "array<struct<step:string,became:string,which:string,at:bigint,by:string>>",
    "times": "map<string,bigint>",
}
"""How Glue names what Parquet holds (``functions/measure/layout.py``)."""


def text() -> str:
    """The file's content: by table its columns with type and meaning, in their order."""
    tables = {
        table.name: [[column.name, GLUE[column.kind], column.meaning] for column in table.columns]
        for table in TABLES.values()
    }
    return json.dumps(tables, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
