"""Reports in the SQL of Athena (Trino), translated from the statements that DuckDB runs (docs/reports.md#athena)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from functions.measure.base import base_parts, reads
from functions.measure.erasures import is_erased
from functions.measure.layout import CUSTOMER_DAYS
from functions.measure.report_files import Report
from shared.domain.lake.tables import CUSTOMERS, EVENTS, TABLES, Table

Values = Mapping[str, Any]
"""By column of ``asked`` its value."""
_TYPES = {"zone": "VARCHAR", "currency": "VARCHAR", "segment": "VARCHAR"}
_PRICE = "DECIMAL(18, 6)"
_STEP = ("step", "became", "which", "at", "by")
_ROW = 'ROW("step" VARCHAR, "became" VARCHAR, "which" VARCHAR, "at" BIGINT, "by" VARCHAR)'


Hidden = tuple[str, int | None, int | None]
"""An identifier; until when what was written of it is erased, and before when what is filed of it is."""


def athena_statements(
    report: Report, asked: Values, *, database: str, first_day: str, erased: Sequence[Hidden] = ()
) -> dict[str, str]:
    """By table of the report one statement that needs nothing but the tables of the lake.

    Parameters
    ----------
    asked
        What is asked: ``from_ms``, ``to_ms``, ``zone``, ``currency``, ``segment``, ``now_ms`` and the prices.
    first_day
        Events of earlier days (``2026-11-20``) are not read.
    erased
        Whose rows are still in the files and must not be seen.
    """
    parts = [(part.name, part.statement) for part in base_parts()] + list(report.shared.items())
    translated = cache(lambda text: _written(_translated(text, asked)))  # most parts are of every table
    made = {}
    for name, statement in report.statements.items():
        needed = reads(statement)
        chosen: list[tuple[str, str]] = []
        for part, text in reversed(parts):
            if part in needed:
                chosen.insert(0, (part, text))
                needed |= reads(text)
        hidden = [("erased", _erased_sql(erased))] if erased else []
        tables = [table for table in (*TABLES, CUSTOMER_DAYS) if table in needed]
        lake = [(table, _lake_sql(table, database, first_day, hides=bool(erased))) for table in tables]
        needs = [*hidden, *lake, ("asked", _asked_sql(asked)), *chosen]
        before = [f"{part} AS ({translated(text)})" for part, text in needs]
        made[name] = _joined(before, _translated(statement, asked))
    return made


def _joined(before: list[str], whole: exp.Expr) -> str:
    """The statement behind the parts that it needs; what it names itself comes after them."""
    own = whole.args.get("with_")
    whole.set("with_", None)
    named = [*before, *(_written(one) for one in (own.expressions if own else ()))]
    return f"WITH {', '.join(named)} {_written(whole)}"


def _written(tree: exp.Expr) -> str:
    return str(tree.sql(dialect="athena", unsupported_level=sqlglot.ErrorLevel.RAISE))


def _lake_sql(name: str, database: str, first_day: str, *, hides: bool) -> str:
    """Each row once: the newest of its key, of those that are not erased."""
    table: Table = CUSTOMERS if name == CUSTOMER_DAYS else TABLES[name]
    key = ", ".join(f'told."{column}"' for column in table.key) + (", told.day" if name == CUSTOMER_DAYS else "")
    conditions = [f"told.day >= '{first_day}'"] if table is EVENTS else []
    joined = ""
    if hides:
        joined = f"LEFT JOIN erased ON {is_erased(table).replace('row.', 'told.')}"
        conditions.append("erased.home IS NULL")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    columns = ", ".join(f'told."{column.name}" AS "{column.name}"' for column in table.columns)
    return (
        f'SELECT {columns} FROM "{database}".{table.name} AS told {joined}{where} '
        f'QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY told."{table.newest}" DESC) = 1'
    )


def _erased_sql(erased: Sequence[Hidden]) -> str:
    rows = [
        exp.Tuple(expressions=[exp.convert(home), _instant(until), _instant(before)]) for home, until, before in erased
    ]
    values = exp.values(rows, alias="hidden", columns=("home", "until", "before"))
    return exp.select("home", "until", "before").from_(values).sql(dialect="duckdb")


def _instant(value: int | None) -> exp.Expr:
    return exp.cast(exp.null() if value is None else exp.convert(value), "BIGINT", dialect="duckdb")


def _asked_sql(asked: Values) -> str:
    """Values are literals, which sqlglot writes; none is put into text by us."""
    columns = [exp.alias_(_value(name, value), name) for name, value in asked.items()]
    return exp.select(*columns).sql(dialect="duckdb")


def _value(name: str, value: Any) -> exp.Expr:
    kind = _TYPES.get(name, _PRICE if name.endswith("_price") else "BIGINT")
    literal = exp.null() if value is None else exp.convert(str(value) if kind == _PRICE else value)
    return exp.cast(literal, kind, dialect="duckdb")


def _literal(name: str) -> Callable[[list[exp.Expr], Values], exp.Expr]:
    return lambda _, asked: _value(name, asked[name])


def _translated(statement: str, asked: Values) -> exp.Expr:
    tree = sqlglot.parse_one(statement, read="duckdb")
    for select in list(tree.find_all(exp.Select)):
        _spread(select)
    for node in reversed(list(tree.bfs())):  # what lies inside first
        replaced = _replaced(node, asked)
        if replaced is not node:
            node.replace(replaced)
    return tree


def _spread(select: exp.Select) -> None:
    """Trino takes lists apart beside a table only: ``unnest(x) AS n`` becomes a join, and so do commas, behind which a
    list would not be seen. Of a list of rows it makes a column for each field, so the row is put together again."""
    for joined in select.args.get("joins") or ():
        if not any(joined.args.get(name) for name in ("kind", "side", "method", "on", "using")):
            joined.set("kind", "CROSS")
    for alias in select.expressions:
        found = alias.this if isinstance(alias, exp.Alias) else None
        if not isinstance(found, exp.Explode | exp.Unnest):
            continue
        inner = found.expressions[0] if isinstance(found, exp.Unnest) else found.this
        fields = _STEP if inner.name == "steps" else (alias.alias,)
        spread = ", ".join(f'"{name}"' for name in fields)
        beside = sqlglot.parse_one(f"SELECT 1 FROM x CROSS JOIN UNNEST(y) AS taken({spread})", read="athena")
        (join,) = beside.args["joins"]
        join.find(exp.Unnest).set("expressions", [inner.copy()])
        select.append("joins", join)
        taken = ", ".join(f'taken."{name}"' for name in fields)
        alias.set("this", _athena(f"CAST(ROW({taken}) AS {_ROW})" if inner.name == "steps" else taken))


def _replaced(node: exp.Expr, asked: Values) -> exp.Expr:
    match node:
        case exp.Anonymous() if node.name.lower() in _MACROS:
            return _MACROS[node.name.lower()]([one.copy() for one in node.expressions], asked)
        case exp.MD5():
            return _athena("LOWER(TO_HEX(MD5(TO_UTF8(x))))", x=node.this)
        case exp.Filter() if isinstance(node.this, exp.Median | exp.PercentileCont):
            return _quantile(node.this, node.expression.this)
        case exp.Median() | exp.PercentileCont() if not isinstance(node.parent, exp.Filter):
            return _quantile(node, None)
        case _:
            return node


def _quantile(node: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    """Trino has no exact one: the value between its two neighbours in the sorted array."""
    share = node.expression.copy() if node.expression else exp.Literal.number("0.5")
    kept = exp.not_(exp.Is(this=node.this.copy(), expression=exp.null()))
    values = exp.Filter(
        this=exp.ArrayAgg(this=node.this.copy()),
        expression=exp.Where(this=exp.and_(kept, condition.copy()) if condition is not None else kept),
    )
    return _athena(
        "REDUCE(ARRAY[ARRAY_SORT(values_)], CAST(NULL AS DOUBLE), (state, a) -> "
        "ELEMENT_AT(a, CAST(FLOOR(share_ * (CARDINALITY(a) - 1)) AS BIGINT) + 1) + "
        "(share_ * (CARDINALITY(a) - 1) - FLOOR(share_ * (CARDINALITY(a) - 1))) * "
        "(ELEMENT_AT(a, CAST(CEIL(share_ * (CARDINALITY(a) - 1)) AS BIGINT) + 1) - "
        "ELEMENT_AT(a, CAST(FLOOR(share_ * (CARDINALITY(a) - 1)) AS BIGINT) + 1)), state -> state)",
        values_=values,
        share_=share,
    )


def _athena(text: str, **values: exp.Expr) -> exp.Expr:
    """An expression of Athena with values in place of names."""
    tree = sqlglot.parse_one(text, read="athena")
    return tree.transform(
        lambda node: values[node.name].copy() if isinstance(node, exp.Column) and node.name in values else node
    )


_MACROS: dict[str, Callable[[list[exp.Expr], Values], exp.Expr]] = {
    "key_of": lambda given, _: given[0],
    "asked_segment": lambda _, asked: exp.Literal.string(asked["segment"]),
    "shop_currency": lambda _, asked: exp.Literal.string(asked["currency"]),
    **{name: _literal(name) for name in ("from_ms", "to_ms", "now_ms", "email_price", "sms_price", "push_price")},
    "local_time": lambda given, asked: _athena(
        "CAST(AT_TIMEZONE(FROM_UNIXTIME(CAST(x AS DOUBLE) / 1000), zone) AS TIMESTAMP)",
        x=given[0],
        zone=exp.Literal.string(asked["zone"]),
    ),
    "day_of": lambda given, _: _athena("DATE_DIFF('day', DATE '1970-01-01', CAST(x AS DATE))", x=given[0]),
    "date_of": lambda given, _: _athena("DATE_ADD('day', x, DATE '1970-01-01')", x=given[0]),
    "map_contains": lambda given, _: _athena("CONTAINS(MAP_KEYS(x), y)", x=given[0], y=given[1]),
}
