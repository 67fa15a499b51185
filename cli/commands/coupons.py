"""`kervan coupons`: where codes come from and how many are left; codes from a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api import admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.show import Json, as_json, line, table, working

app = typer.Typer(help="Coupons: codes that messages give away.", no_args_is_help=False)
AT_ONCE = 1_000
SHOWN = 5
SAID = {"same": "the same for everybody", "imported": "imported", "pattern": "made from {}"}


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
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One code per line; of a CSV the first column.")],
    json: Json = False,
) -> None:
    """Add codes to a coupon. Importing a file again changes nothing: each code is given once at the most."""
    api = admin_api(*context.obj)
    done: dict[str, Any] = {"new": 0, "known": 0, "rejected": [], "defined": True}
    rows = list(_rows(file))
    if not rows:
        raise WrongUse(f"{file} holds no code; write one per line")
    with contextlib.nullcontext() if json else working(f"{len(rows)} codes for {name}"):
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
        line(f"{done['new']} new codes for {name}, {done['known']} known already.")
        if not done["defined"]:
            line(f"No published definition takes from them yet: write `coupon: {name}` with `codes: imported`.")
    if done["rejected"]:
        first = ", ".join(str(one["line"]) for one in done["rejected"][:SHOWN])
        raise Failure(
            f"{len(done['rejected'])} lines of {file} cannot be codes (line {first}): letters, digits, . _ - only"
        )


def _rows(file: Path) -> Iterator[tuple[int, str]]:
    """Line number and code. A first line that says code or coupon is a heading."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except (UnicodeDecodeError, OSError) as broken:
        raise WrongUse(f"{file} cannot be read as UTF-8 text") from broken
    for number, text in enumerate(lines, 1):
        code = text.replace(";", ",").partition(",")[0].strip().strip('"').strip()
        if code and not (number == 1 and code.lower() in {"code", "codes", "coupon", "kod", "kupon"}):
            yield number, code
