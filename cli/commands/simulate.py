"""`kervan journeys simulate`: who would have got what and when, who not and why, and what it would have cost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.failure import Failure, WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, working

if TYPE_CHECKING:
    from shared.domain.definitions.release import Release
    from simulation.dry_run import DryRun, Planned
    from simulation.stories import Story
    from simulation.world import World

DEAREST = 100
SHOWN = 40
"""Rows of the table for people; --json has them all."""


def simulate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The journey as YAML, such as a draft.")],
    events: Annotated[Path | None, typer.Option(help="A file of events, as `kervan import events` reads it.")] = None,
    last: Annotated[str, typer.Option(help="Without --events: over the stored history of this time.")] = "30d",
    customers: Annotated[int, typer.Option(min=1, max=5_000, help="... of so many customers, drawn by lot.")] = 200,
    stage: Annotated[str, typer.Option(help="... of the local stack, or of a deployed stage.")] = "local",
    definitions: Annotated[Path, typer.Option(help="Shop, segments and templates beside it.")] = Path("definitions"),
    with_others: Annotated[bool, typer.Option("--with-others", help="The folder's other journeys run too.")] = False,
    assume_consent: Annotated[
        bool, typer.Option("--assume-consent", help="As if everybody agreed to marketing on every channel.")
    ] = False,
    sms_price: Annotated[float, typer.Option(help="Dollars for one part of a text message.")] = 0.02,
    json: Json = False,
) -> None:
    """Plays a journey over real events with production's own functions. Sends nothing, writes nothing."""
    os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")  # the functions' counters are no answer here
    from simulation.costs import cost_of
    from simulation.dry_run import AFTERWARDS, dry_run
    from simulation.stories import agreement
    from simulation.world import World

    if not 0 <= sms_price <= DEAREST:
        raise WrongUse(f"--sms-price is dollars for one part, from 0 to {DEAREST}")
    release, own = _release(file, definitions, with_others=with_others)
    world = World(release, datetime(2000, 1, 1, tzinfo=UTC))
    story, since, until = _story(events, last, customers, stage, release, world, json=json)
    if not story.events:
        raise Failure("there is no event to play" + (f": {story.refused[0]}" if story.refused else ""))
    since = since or story.happenings[0].at
    until = until or story.happenings[-1].at + AFTERWARDS
    agreed = agreement(story.names, since) if assume_consent else ()
    with _told(f"playing {counted(story.events, 'event')}", json=json):
        done = dry_run(release, story, world, since=since, until=until, agreed=agreed)
    done = replace(done, messages=tuple(one for one in done.messages if one.journey in own or with_others))
    cost = cost_of(done.messages, sms_price)
    if json:
        as_json(_document(done, story, cost.units, cost.dollars))
    else:
        _show(done, story, ZoneInfo(release.shop.time_zone), cost.units, cost.dollars)


def _release(file: Path, folder: Path, *, with_others: bool) -> tuple[Release, set[str]]:
    """The folder with the draft in the place of its namesake; other journeys rest, unless they shall run."""
    from cli.definitions.folder import check_draft
    from simulation.needed_segments import needed_segments

    if not file.is_file():
        raise WrongUse(f"there is no file {file}: name the draft of a journey")
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder}: name the definitions beside the draft with --definitions")
    checked = check_draft(folder, file, with_others=with_others)
    if checked.bundle is None:
        raise Failure(f"{checked.problems[0]}; see kervan definitions check")
    own = set(checked.drafts)
    if not own:
        raise WrongUse(f"{file} holds no journey")
    release = checked.bundle.release()
    journeys = tuple(journey for journey in release.journeys if with_others or journey.journey in own)
    return replace(release, journeys=journeys, segments=needed_segments(journeys, release.segments)), own


def _story(
    events: Path | None, last: str, customers: int, stage: str, release: Release, world: World, *, json: bool
) -> tuple[Story, datetime | None, datetime | None]:
    from cli.local.clock import now, parse_duration

    if events is not None:
        from cli.importing.file_story import file_story

        return file_story(events, release.shop.region, world.keys), None, None
    from cli.catalog import customers_table
    from shared.stores.customers import CustomerStore
    from simulation.stored import stored_story

    end = now() if stage == "local" else datetime.now(UTC)
    since = end - parse_duration(last)
    with _told(f"reading the history of up to {counted(customers, 'customer')}", json=json):
        store = CustomerStore(customers_table(stage))
        story = stored_story(store, release.shop.region, world.keys, customers)
    return story, since, end


def _told(on: str, *, json: bool) -> AbstractContextManager[None]:
    return nullcontext() if json else working(on)


def _document(done: DryRun, story: Story, units: Any, dollars: float) -> dict[str, Any]:
    return {
        "since": done.since.isoformat(),
        "until": done.until.isoformat(),
        "customers": done.customers,
        "events": done.events,
        "refused": story.refused,
        "runs": done.begun,
        "ends": [{"journey": name, "reason": why, "runs": count} for (name, why), count in done.ends.items()],
        "not_begun": [
            {"journey": name, "reason": why, "times": count} for (name, why), count in done.not_begun.items()
        ],
        "messages": [asdict(one) | {"at": one.at.isoformat()} for one in done.messages],
        "cost": {"units": units, "dollars": round(dollars, 4)},
    }


def _show(done: DryRun, story: Story, zone: ZoneInfo, units: Any, dollars: float) -> None:
    days = (done.until - done.since) / timedelta(days=1)
    line(
        f"{counted(done.events, 'event')} of {counted(done.customers, 'customer')}, "
        f"{done.since.astimezone(zone):%Y-%m-%d %H:%M} to "
        f"{done.until.astimezone(zone):%Y-%m-%d %H:%M} ({counted(round(days), 'day')}), times of {zone}"
    )
    for refused in story.refused[:5]:
        line(f"left out: {refused}")
    rows = [
        (
            f"{one.at.astimezone(zone):%a %d %b %H:%M}",
            one.customer,
            one.step,
            one.channel,
            one.state,
            one.reason,
            one.title,
        )
        for one in done.messages[:SHOWN]
    ]
    heading = f"Messages (the first {SHOWN} of {len(done.messages)})" if len(done.messages) > SHOWN else "Messages"
    table(
        heading,
        ("when", "customer", "step", "channel", "what", "why", "title"),
        rows,
        empty="nobody would get anything",
    )
    table("What came of them", ("step", "channel", "what", "why", "messages"), _outcomes(done), empty="")
    ends = [(name, why, count) for (name, why), count in done.ends.items()]
    table("Enrollments", ("journey", "ended", "enrollments"), ends, empty="no enrollment began")
    idle = [(name, why, count) for (name, why), count in done.not_begun.items()]
    if idle:
        table("Did not begin", ("journey", "why", "times"), idle, empty="")
    line(
        f"About ${dollars:,.2f} for {counted(units['email'], 'e-mail')}, "
        f"{counted(units['sms'], 'part')} of text messages and {counted(units['push'], 'push', 'pushes')}; "
        "opens and clicks are those of the history"
    )


def _row(one: Planned, zone: ZoneInfo) -> tuple[Any, ...]:
    when = f"{one.at.astimezone(zone):%a %d %b %H:%M}"
    return (when, one.customer, one.step, one.channel, one.state, one.reason, one.title)


def _outcomes(done: DryRun) -> Sequence[tuple[Any, ...]]:
    times = Counter((one.step, one.channel, one.state, one.reason) for one in done.messages)
    return [(*what, count) for what, count in sorted(times.items())]
