"""`kervan coupons`: where codes come from and how many are left; codes from a file."""

from __future__ import annotations

import contextlib
import csv
import re
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.markup import escape

from cli.deployment.api import admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, working

app = typer.Typer(help="Coupons: codes that messages give away.", no_args_is_help=False)
AT_ONCE = 1_000
SHOWN = 5
HEADINGS = frozenset({"code", "codes", "coupon", "coupons", "voucher", "vouchers", "kod", "kodu", "kodlar", "kupon"})
SAID = {"same": "the same for everybody", "imported": "imported", "pattern": "made from {}"}


class Rows(NamedTuple):
    """The codes of a file with their lines, and the heading above them if there is one."""

    heading: str | None
    codes: tuple[tuple[int, str], ...]


@app.command("list")
def list_coupons(context: typer.Context, json: Json = False) -> None:
    """The coupons of the published release, and how many imported codes are free."""
    items = list(admin_api(*context.obj).items("/v1/coupons"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (
            item["name"],
            item["label"],
            SAID[item["codes"]].format(item["pattern"]),
            "" if item["free"] is None else f"{item['free']}{' or more' if item['free_at_least'] else ''}",
            item["given_by"],
        )
        for item in items
    ]
    table("Coupons", ("name", "label", "codes", "free", "given by"), rows, empty="no step gives a coupon")


@app.command("import")
def import_codes(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The coupon.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="One code per line; of a CSV the column headed code, else the first.")
    ],
    json: Json = False,
) -> None:
    """Add codes to a coupon. Importing a file again changes nothing: each code is given once at the most."""
    api = admin_api(*context.obj)
    heading, rows = _rows(file)
    done: dict[str, Any] = {"heading": heading, "new": 0, "known": 0, "rejected": [], "defined": True}
    if not rows:
        raise WrongUse(f"{file} holds no code; write one per line")
    with contextlib.nullcontext() if json else working(f"{counted(len(rows), 'code')} for {name}"):
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            said = api.post(f"/v1/coupons/{quoted(name)}/codes", {"codes": [code for _, code in part]})
            done["new"] += said["new"]
            done["known"] += said["known"]
            done["rejected"] += [{"line": part[one["index"]][0], "reason": one["reason"]} for one in said["rejected"]]
            done["defined"] = said["defined"]
    if json:
        as_json({"name": name, **done})
    else:
        if heading is not None:
            line(f"Line 1 of {escape(str(file))} is a heading and no code: {escape(heading)}")
        line(f"{counted(done['new'], 'new code')} for {name}, {done['known']:,} known already.")
        if not done["defined"]:
            line(f"No published definition takes from them yet: write `coupon: {name}` with `codes: imported`.")
    if done["rejected"]:
        first = ", ".join(str(one["line"]) for one in done["rejected"][:SHOWN])
        lines = counted(len(done["rejected"]), "line")
        raise Failure(f"{lines} of {file} cannot be taken (line {first}): letters, digits, . _ - only")


def _rows(file: Path) -> Rows:
    """Line numbers and codes. Of a table it is the column whose heading speaks of codes, else the first."""
    try:
        lines = [_cells(text) for text in file.read_text("utf-8-sig").splitlines()]
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except (UnicodeDecodeError, OSError, csv.Error) as broken:
        raise WrongUse(f"{file} cannot be read as UTF-8 text") from broken
    first = lines[0] if lines else []
    heading = None if any(map(str.isdigit, "".join(first))) else next(filter(_is_heading, first), None)
    column = 0 if heading is None else first.index(heading)
    codes = ((number, cells[column]) for number, cells in enumerate(lines, 1) if len(cells) > column and cells[column])
    return Rows(heading, tuple(row for row in codes if heading is None or row[0] > 1))


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([text.replace(";", ",").replace("\t", ",")]), [])]


def _is_heading(cell: str) -> bool:
    """``discount_code``, ``couponCode``, ``Kupon kodu``: up to three words of which one says so. A line with a digit is
    none, for codes have digits."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell))
    return len(words) <= 3 and any(word.lower() in HEADINGS for word in words)
