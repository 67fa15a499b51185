"""Statements of Athena run in DuckDB, translated back: there is no Trino without Java. What is Trino's alone is held
against lists."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from functions.measure.layout import day_sql
from shared.domain.lake.tables import TABLES

FUNCTIONS = frozenset(
    {
        "arbitrary", "array", "array_agg", "array_sort", "at_timezone", "avg", "bitwise_and", "bitwise_or_agg",
        "bool_or", "cardinality", "cast", "ceil", "coalesce", "concat", "contains", "count", "date_add",
        "date_diff", "date_format", "date_trunc", "day_of_week", "element_at", "filter", "floor",
        "from_unixtime", "grouping", "hour", "lag", "least", "listagg", "lower", "lpad", "map_keys", "max", "max_by",
        "md5", "min", "ntile", "nullif", "over", "power", "rank", "reduce", "row", "row_number", "sequence",
        "split_part", "sum", "to_hex", "to_utf8", "trim", "truncate", "unnest", "values",
    }
)  # fmt: skip
"""Of Trino's documentation, those that reports use, and the words of its grammar that a parenthesis may follow."""
GRAMMAR = frozenset(
    {
        "and", "as", "by", "case", "decimal", "else", "end", "exists", "from", "group", "having", "in", "inner",
        "is", "join", "not", "on", "or", "order", "partition", "select", "sets", "then", "using", "when", "where",
        "with", "within",
    }
)  # fmt: skip
RESERVED = frozenset(
    {
        "alter", "and", "as", "between", "by", "case", "cast", "constraint", "create", "cross", "cube",
        "current_date", "current_time", "current_timestamp", "current_user", "deallocate", "delete", "describe",
        "distinct", "drop", "else", "end", "escape", "except", "exists", "extract", "false", "for", "from", "full",
        "group", "grouping", "having", "in", "inner", "insert", "intersect", "into", "is", "join", "lateral",
        "left", "like", "listagg", "localtime", "localtimestamp", "natural", "normalize", "not", "null", "on", "or",
        "order", "outer", "prepare", "recursive", "right", "rollup", "select", "skip", "table", "then", "trim",
        "true", "uescape", "union", "unnest", "using", "values", "when", "where", "with",
    }
)  # fmt: skip
"""Words that are no name in Trino unless they are quoted."""
_STEPS = re.compile(r'CROSS JOIN UNNEST\((\w+\.)?steps\) AS taken\("step", "became", "which", "at", "by"\)')
_ROWS_APART = (
    'CROSS JOIN LATERAL (SELECT one.step AS "step", one.became AS "became", one."which" AS "which", '
    'one."at" AS "at", one."by" AS "by" FROM (SELECT UNNEST(steps) AS one)) AS taken'
)


def called(statement: str) -> set[str]:
    """The functions that a statement calls, in small letters. A name before columns in parentheses is no call."""
    words = re.findall(r"(?<!AS )\b([A-Za-z_0-9]+)\s*\(", re.sub(r"'[^']*'|\"[^\"]*\"", "''", statement))
    return {word.lower() for word in words} - GRAMMAR


def parsed(statement: str) -> exp.Expr:
    """As Athena reads it; rows of a list that lies beside its table stand as DuckDB can read them."""
    return sqlglot.parse_one(_STEPS.sub(_ROWS_APART, statement), read="athena")


def unquoted_names(tree: exp.Expr) -> set[str]:
    return {one.this.lower() for one in tree.find_all(exp.Identifier) if not one.quoted}


def give_athena_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Beside the reader's views the tables as Athena sees them: in a database of their own, with a column ``day``, and
    with each row as often as it was written."""
    connection.execute("CREATE SCHEMA lake")
    for table in TABLES.values():
        connection.execute(
            f"CREATE VIEW lake.{table.name} AS SELECT *, {day_sql(table)} AS day FROM main.{table.name}_rows"
        )
    connection.execute("CREATE MACRO at_timezone(moment, zone) AS timezone(zone, moment)")
    connection.execute("SET TimeZone = 'UTC'")


def run(connection: duckdb.DuckDBPyConnection, statement: exp.Expr) -> list[dict[str, Any]]:
    tree = statement.transform(_without_lambda)
    found = connection.execute(tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _without_lambda(node: exp.Expr) -> exp.Expr:
    """``reduce(array[x], null, (state, a) -> f(a), ...)`` is f(x)."""
    if not isinstance(node, exp.Reduce):
        return node
    (value,) = node.this.expressions
    body: exp.Expr = node.args["merge"].this
    told: exp.Expr = body.transform(
        lambda one: value.copy() if isinstance(one, exp.Identifier | exp.Column) and one.name == "a" else one
    )
    return told
