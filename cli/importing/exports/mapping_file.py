"""``--map FILE``: a form of the user's own, described in YAML with the same words as the built-in ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cli.failure import WrongUse
from cli.importing.exports.export import Export, by_name

TARGET = re.compile(
    r"user|email|phone|loyalty|time|address|ignored"
    r"|trait [^\s].*"
    r"|consent (email|sms)( time| withdrawn| suppressed)?"
    r"|order (id|time|paid|shipped|cancelled|status|total|subtotal|shipping|tax|discount|coupon|currency|refunded)"
    r"|product (id|sku|name|category|brand|variant|price|quantity)"
)
_Target = Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^(?:{TARGET.pattern})$")]
_MOST_BYTES = 100_000


class Mapping(BaseModel):
    """A mapping file. ``columns``: name of a column to what it becomes; ``rest``: what all others become."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="a mapped file", min_length=1, max_length=60)
    columns: dict[str, _Target] = Field(min_length=1, max_length=1_000)
    rest: Literal["traits", "ignored"] = "ignored"
    month_first: bool = False


def read_mapping(path: Path) -> Export:
    """The form that a file describes: orders if a column is the order's number, else customers.

    Raises
    ------
    WrongUse
        If it cannot be read; with the place and the remedy.
    """
    try:
        text = path.read_bytes()[:_MOST_BYTES].decode()
        mapping = Mapping.model_validate(yaml.safe_load(text))
    except OSError as problem:
        raise WrongUse(f"{path} cannot be read: {problem.strerror}") from problem
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as broken:
        raise WrongUse(f"{path} is no YAML: write columns: and below it NAME: TARGET") from broken
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise WrongUse(f"{path}: {place} cannot be used; docs/import.md lists what a column may become") from wrong
    targets = set(mapping.columns.values())
    kind: Literal["customers", "orders"] = "orders" if "order id" in targets else "customers"
    if not targets & {"user", "email", "phone", "loyalty"}:
        raise WrongUse(f"{path}: no column says who it is; map one to user, email, phone or loyalty")
    if kind == "orders" and "order time" not in targets:
        raise WrongUse(f"{path}: no column says when something was ordered; map one to order time")
    return Export(
        name=f"map:{path.name}", label=mapping.name, kind=kind, columns=by_name(mapping.columns), rest=mapping.rest,
        month_first=mapping.month_first,
    )  # fmt: skip
