"""A journey played over the stored history: what it would have done, beside what really happened; as a job."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.messages.describe_reason import describe_reason
from shared.http.answers import Answer, Problem, malformed, not_found
from shared.stores.customers import SHARDS
from shared.stores.drafts import Drafts
from shared.stores.dry_runs import OPEN, DryRunJob, DryRuns, Totals
from shared.stores.releases import Releases

DAYS = (7, 30, 90)
CUSTOMERS = (200, 1_000, 5_000)
DOLLARS = 5e-6
"""Of playing one customer, at the most: a dozen read units, and a sixth of a second of 1.7 GB (us-east-1)."""
PRICES = {"email": 0.10 / 1_000, "push": 1.00 / 1_000_000}
SMS_PART = 0.02
DEAREST = 100.0
ALIVE = timedelta(hours=1)
"""A run that did not move for so long does not keep another one from beginning."""
ON_A_PAGE = 4
"""Parts, of 25 customers each."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of outcome of a step: how often it would have been, and how often it was."""

    step: str
    channel: str
    state: str
    why: str
    would: int
    was: int


def ask(visit: Visit, name: str) -> Answer:
    """What a run costs and takes before it begins, and the runs of the last week."""
    content, draft = _journey(visit, name)
    catalog = visit.environment.catalog
    before = [one for one in DryRuns(catalog).all() if one.journey == name]
    return page(
        visit,
        "dry_run_ask.html",
        shop=shop_of(Releases(catalog).current()),
        name=name,
        label=content.get("label") or {},
        draft=draft,
        days=DAYS,
        customers=[(count, count * DOLLARS) for count in CUSTOMERS],
        price=SMS_PART,
        before=[_before(one, visit.environment.clock.now()) for one in before[:10]],
    )


def _before(job: DryRunJob, now: datetime) -> tuple[DryRunJob, str, str, str]:
    """A run, what became of it, and its days."""
    state = "died" if job.life(now) == "dead" else job.state
    return job, state, time_text(moment(job.since)), time_text(moment(job.until))


def begin(visit: Visit, name: str) -> Answer:
    """Queues a run and shows it. One at a time: a second click leads to the one that runs."""
    environment, form = visit.environment, visit.form
    content, draft = _journey(visit, name)
    runs, now = DryRuns(environment.catalog), environment.clock.now()
    days, limit = _chosen(form, "days", DAYS), _chosen(form, "customers", CUSTOMERS)
    running = next((one for one in runs.all() if one.state in OPEN and now - moment(one.touched) < ALIVE), None)
    if running is not None:
        return redirect(visit, f"{ROOT}/dry-runs/{running.id}")
    job = DryRunJob(
        id=secrets.token_hex(8),
        journey=name,
        content=json.dumps(content),
        release=Releases(environment.catalog).current().number,
        draft=draft,
        since=milliseconds(now - timedelta(days=days)),
        until=milliseconds(now),
        limit=limit,
        agreed=form.get("agreed") == "on",
        sms_price=_price(form.get("price", "")),
        by=visit.signed_in.name,
        at=time_text(now),
    )
    with noted(visit, "dry_run.begun", {"journey": name[:100]}):
        runs.put(job, now)
        environment.dry_runs().send_many([json.dumps({"dry_run": job.id})])
    return redirect(visit, f"{ROOT}/dry-runs/{job.id}")


def show(visit: Visit, run: str) -> Answer:
    """How far it is and what came of it; the customers page by page."""
    job = _run(visit, run)
    found = DryRuns(visit.environment.catalog).parts(
        job.id, limit=ON_A_PAGE, cursor=visit.request.query.get("cursor") or None
    )
    people = [_person(visit, one) for part in found.items for one in part["people"]]
    return page(visit, "dry_run.html", **_standing(visit, job), people=people, cursor=found.cursor)


def progress(visit: Visit, run: str) -> Answer:
    """The numbers alone, which the page asks for while it runs."""
    return page(visit, "dry_run_progress.html", **_standing(visit, _run(visit, run)))


def stop(visit: Visit, run: str) -> Answer:
    """What was played so far stays."""
    job = _run(visit, run)
    DryRuns(visit.environment.catalog).stop(job.id, visit.environment.clock.now())
    return redirect(visit, f"{ROOT}/dry-runs/{job.id}")


def _standing(visit: Visit, job: DryRunJob) -> dict[str, Any]:
    totals, content = job.totals, json.loads(job.content)
    life = job.life(visit.environment.clock.now())
    return {
        "shop": shop_of(Releases(visit.environment.catalog).current()),
        "job": job,
        "label": content.get("label") or {},
        "since": time_text(moment(job.since)),
        "until": time_text(moment(job.until)),
        "runs": job.state in OPEN and life != "dead",
        "life": life,
        "share": job.share_done(SHARDS),
        "moved": time_text(moment(job.touched)),
        "lines": _lines(visit, totals, [str(step.get("id") or "") for step in _steps(content)]),
        "sent": (_sent(totals.would), _sent(totals.was)),
        "dollars": _dollars(totals.units, job.sms_price),
        "not_begun": _reasons(visit, totals.not_begun),
        "ends": _reasons(visit, totals.ends),
    }


def _steps(content: Any) -> Iterator[Mapping[str, Any]]:
    """The steps of a journey in its order, those inside of others behind them."""
    if isinstance(content, Mapping):
        if "send" in content:
            yield content
        for part in content.values():
            yield from _steps(part)
    elif isinstance(content, list):
        for part in content:
            yield from _steps(part)


def _lines(visit: Visit, totals: Totals, order: Sequence[str]) -> list[Line]:
    """By step, as the journey has them, and channel; what was sent first, then by frequency."""
    place = {step: number for number, step in enumerate(order)}
    lines = []
    for word in {*totals.would, *totals.was}:
        step, channel, state, reason = _parted(word)
        line = Line(
            step, channel, state, _said(visit, state, reason), totals.would.get(word, 0), totals.was.get(word, 0)
        )
        lines.append(line)
    return sorted(lines, key=lambda one: (place.get(one.step, len(place)), *_rank(one)))


def _rank(line: Line) -> tuple[Any, ...]:
    return line.step, line.channel, line.state != "sent", -line.would, -line.was, line.why


def _parted(word: str) -> tuple[str, str, str, str]:
    step, channel, state, reason = [*word.split("|"), "", "", ""][:4]
    return step, channel, state, reason


def _said(visit: Visit, state: str, reason: str) -> str:
    return describe_reason(reason)[0 if visit.language == "tr" else 1] if reason else ""


def _reasons(visit: Visit, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _sent(counts: Mapping[str, int]) -> int:
    return sum(count for word, count in counts.items() if _parted(word)[2] == "sent")


def _dollars(units: Mapping[str, int], sms_price: float) -> float:
    prices = {**PRICES, "sms": sms_price}
    return sum(count * prices.get(channel, 0) for channel, count in units.items())


def _person(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    def told(messages: list[list[str]]) -> list[dict[str, str]]:
        parted = [(at, *_parted(word)) for at, word in sorted(messages)]
        return [
            {"at": at, "step": step, "channel": channel, "state": state, "why": _said(visit, state, reason)}
            for at, step, channel, state, reason in parted
        ]

    return {"customer": one["customer"], "would": told(one["would"]), "was": told(one["was"])}


def _journey(visit: Visit, name: str) -> tuple[dict[str, Any], bool]:
    """The draft of a journey, else what is published; and whether it is a draft.

    Raises
    ------
    Problem
        404 if there is neither.
    """
    draft = Drafts(visit.environment.catalog).get(f"journey/{name}")
    if draft is not None and draft.content is not None:
        return draft.content, True
    found = Releases(visit.environment.catalog).current().journey(name)
    if found is None:
        raise not_found("there is no such journey")
    return found.model_dump(mode="json", by_alias=True, exclude_unset=True), False


def _run(visit: Visit, run: str) -> DryRunJob:
    job = DryRuns(visit.environment.catalog).get(run[:40])
    if job is None:
        raise Problem(404, "not_found", "there is no such dry run; they are kept for a week")
    return job


def _chosen(form: Mapping[str, str], field: str, choices: tuple[int, ...]) -> int:
    said = form.get(field, "")
    if said not in map(str, choices):
        raise malformed(f"{field} is one of {', '.join(map(str, choices))}")
    return int(said)


def _price(said: str) -> float:
    try:
        price = float(said.strip().replace(",", ".") or SMS_PART)
    except ValueError as broken:
        raise malformed("the price is a number of dollars") from broken
    if not 0 <= price <= DEAREST:
        raise malformed(f"the price is from 0 to {DEAREST:g} dollars")
    return price
