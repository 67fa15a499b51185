"""`kervan deadletters`: what could not be worked on, and doing it again."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, pairs, table, when

app = typer.Typer(help="Dead letters: messages that nobody could work on. They wait 14 days.", no_args_is_help=False)
AT_ONCE = 25
"""Letters in one request: so often the pace is kept, and so soon an interruption is heard."""
SAID = {
    "unreadable": "cannot be read; look at it in the SQS console and delete it there",
    "stream_gone": "is older than the stream: kervan rebuild --all --since makes the facts anew from the log",
}
Queue = Annotated[
    str, typer.Argument(metavar="QUEUE", help="Such as email, segment-on-events; `list` shows the names.")
]


@app.command("list")
def list_letters(
    context: typer.Context,
    queue: Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="One queue alone.")] = None,
    json: Json = False,
) -> None:
    """What waits, oldest first: at most 50 letters of each queue. Looking at a letter counts as a receive."""
    found = admin_api(*context.obj).get("/v1/deadletters" + (f"/{quoted(queue)}" if queue else ""))
    if json:
        as_json(found)
        return
    rows = [
        (
            item["queue"],
            item["id"],
            item["kind"],
            said_age(item["age_seconds"]),
            item["receives"],
            item["reason"],
            " ".join(f"{name}={value}" for name, value in item["about"].items()),
        )
        for item in found["items"]
    ]
    columns = ("queue", "id", "kind", "age", "receives", "reason", "about")
    table("Dead letters", columns, rows, empty="no dead letters: everything was worked on")
    for one in found["queues"]:
        if one["waiting"] > sum(item["queue"] == one["name"] for item in found["items"]):
            line(f"{one['name']}: about {one['waiting']} letters in all")


@app.command()
def show(
    context: typer.Context,
    queue: Queue,
    letter: Annotated[str, typer.Argument(metavar="ID", help="Of the letter, as `list` shows it.")],
    json: Json = False,
) -> None:
    """One letter: what it is about, by ids alone."""
    found = admin_api(*context.obj).get(f"/v1/deadletters/{quoted(queue)}/{quoted(letter)}")
    if json:
        as_json(found)
        return
    pairs(
        f"Letter {found['id']}",
        {
            "queue": found["queue"],
            "kind": found["kind"],
            "queued": when(found["queued_at"]),
            "age": said_age(found["age_seconds"]),
            "receives": found["receives"],
            "reason": found["reason"] or "not known",
            **found["about"],
            "redrive": "possible" if found["redrivable"] else "not possible: it cannot be read",
        },
    )


@app.command()
def redrive(
    context: typer.Context,
    queue: Queue,
    letter: Annotated[str | None, typer.Argument(metavar="[ID]", help="This letter alone.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many letters at most.")] = 1_000,
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.1, max=1_000, help="How many letters in a second.")
    ] = 10.0,
    json: Json = False,
) -> None:
    """Do the work of letters again, at a steady pace. Interrupted, it is simply called again: what is done is gone
    from the queue, and doing a thing twice is harmless. Letters that come after the beginning stay."""
    done = _redriven(admin_api(*context.obj), queue, letter, most, per_second, loud=not json)
    if json:
        as_json(done)
    else:
        line(f"{queue}: {counted(done['redriven'], 'letter')} redriven, about {done['waiting']} left.")
        for kept in done["kept"]:
            line(f"{kept['id']} stays: it {SAID[kept['reason']]}")
    if letter and not done["redriven"] and not done["kept"]:
        raise WrongUse(f"there is no letter {letter} in {queue}")
    if done["kept"]:
        raise Failure(f"{counted(len(done['kept']), 'letter')} of {queue} could not be redriven")


def _redriven(
    api: AdminApi, queue: str, letter: str | None, most: int, per_second: float, *, loud: bool
) -> dict[str, Any]:
    path = f"/v1/deadletters/{quoted(queue)}/redrive"
    redriven, kept, before = 0, dict[str, dict[str, str]](), None
    while True:
        limit = min(AT_ONCE, most - redriven, max(1, int(per_second)))
        wanted = {"limit": limit, "before": before, "id": letter}
        begun = time.monotonic()
        answer = api.post(path, {name: value for name, value in wanted.items() if value is not None})
        before = answer["before"]
        redriven += answer["redriven"]
        kept |= {one["id"]: one for one in answer["kept"]}
        if letter or redriven >= most or not answer["redriven"]:
            return {"redriven": redriven, "kept": list(kept.values()), "waiting": answer["waiting"]}
        if loud:
            line(f"...  {redriven} redriven, about {answer['waiting']} left")
        time.sleep(max(0.0, answer["redriven"] / per_second - (time.monotonic() - begun)))


def said_age(seconds: int) -> str:
    """An age in its two largest units."""
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s"
