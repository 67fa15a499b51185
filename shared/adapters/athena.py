"""Queries of Amazon Athena, in one workgroup and database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

SECONDS_BETWEEN = 0.5


class AthenaFailed(Exception):
    """A query did not end well: refused by the workgroup's limit, cancelled or wrong. The text is Athena's."""


class Athena:
    """Runs one statement at a time; safe to be used by several threads, as clients of boto3 are.

    Parameters
    ----------
    client
        boto3's client of Athena.
    pause
        Waits for so many seconds.
    """

    def __init__(
        self, client: Any, *, workgroup: str, database: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._workgroup = workgroup
        self._database = database
        self._pause = pause

    def query(self, statement: str) -> list[dict[str, Any]]:
        """The rows, with values in Python's types.

        Raises
        ------
        AthenaFailed
        """
        started = self._client.start_query_execution(
            QueryString=statement,
            WorkGroup=self._workgroup,
            QueryExecutionContext={"Database": self._database},
            # The same question within the hour reads and costs nothing.
            ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}},
        )
        execution = started["QueryExecutionId"]
        self._wait(execution)
        return self._rows(execution)

    def _wait(self, execution: str) -> None:
        while True:
            status = self._client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] in {"FAILED", "CANCELLED"}:
                raise AthenaFailed(status.get("StateChangeReason") or status["State"])
            self._pause(SECONDS_BETWEEN)

    def _rows(self, execution: str) -> list[dict[str, Any]]:
        """The first line of the first page is the head."""
        rows: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            page = self._client.get_query_results(QueryExecutionId=execution, **more)
            columns = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            lines = page["ResultSet"]["Rows"][0 if more else 1 :]
            rows += [
                {
                    column["Name"]: _value(cell.get("VarCharValue"), column["Type"])
                    for column, cell in zip(columns, line["Data"], strict=True)
                }
                for line in lines
            ]
            if "NextToken" not in page:
                return rows
            more = {"NextToken": page["NextToken"]}


def _value(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    match kind:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return int(text)
        case "float" | "real" | "double":
            return float(text)
        case "decimal":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            return date.fromisoformat(text)
        case _:
            return text
