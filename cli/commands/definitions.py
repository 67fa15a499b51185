"""`kervan definitions`: validate a folder of definitions together, and publish it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from cli.commands.stage_option import Stage
from cli.failure import Failure
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table

if TYPE_CHECKING:
    from shared.domain.definitions.bundle import Bundle
    from shared.domain.definitions.problems import Problem
    from shared.domain.segments.definition import SegmentDefinition

app = typer.Typer(
    help="Segments, journeys, templates and the shop's answers, as a folder of files.", no_args_is_help=False
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder, such as definitions.")]


@app.command()
def check(
    context: typer.Context,
    folder: Folder,
    count: Annotated[
        bool, typer.Option("--count", help="Also ask a running deployment how many are in each segment today.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what is defined, or every mistake with its place and remedy. Publishes nothing."""
    from cli.definitions.folder import check_folder
    from cli.definitions.orders_from import notices
    from shared.domain.definitions.release import SERVICE

    found = check_folder(folder)
    problems = [_told(problem) for problem in found.problems]
    bundle = found.bundle
    names = {
        "segments": [segment.segment for segment in bundle.segments] if bundle else [],
        "journeys": [journey.journey for journey in bundle.journeys] if bundle else [],
        "templates": [template.template for template in bundle.templates] if bundle else [],
        "coupons": [coupon.coupon for coupon in bundle.coupons] if bundle else [],
        **{listed: bundle.service.names(listed) if bundle else [] for listed in SERVICE.values()},
    }
    sentences = _sentences(bundle) if bundle else []
    said_of_shop = [*notices(bundle.shop.orders_from), *bundle.service.notices()] if bundle else []
    counts = _counts(context, bundle.segments) if count and bundle else {}
    if json:
        told: dict[str, Any] = {"valid": bundle is not None, "problems": problems, **names, "sentences": sentences}
        told["notices"], told["warnings"] = said_of_shop, [_told(warning) for warning in found.warnings]
        as_json(told | ({"counts": counts} if count else {}))
    elif bundle:
        table(f"{folder} is valid", ("kind", "names"), names.items(), empty="")
        for text in (*sentences, *said_of_shop):
            line(escape(text))
        if counts:
            rows = [(name, *(told[part] for part in ("count", "low", "high"))) for name, told in counts.items()]
            table("Today", ("segment", "customers", "at least", "at most"), rows, empty="")
    else:
        table("", ("file", "where", "what", "remedy"), [tuple(problem.values()) for problem in problems], empty="")
    if not json:
        _warn(found.warnings)
    if not bundle:
        raise Failure(f"{counted(len(problems), 'problem')} in {folder}; nothing is published")


def _told(problem: Problem) -> dict[str, str]:
    return {"file": problem.file, "path": problem.path, "message": problem.message, "remedy": problem.remedy}


def _warn(warnings: Sequence[Problem]) -> None:
    for warning in warnings:
        line(f"[yellow]warning[/yellow] {escape(str(warning))}")


def _sentences(bundle: Bundle) -> list[str]:
    """Each segment, then each journey, in Turkish and English."""
    from shared.domain.journeys.describe import Language, describe_journey
    from shared.domain.segments.describe import describe_segment

    languages: tuple[Language, ...] = ("tr", "en")
    segments = [describe_segment(segment, said) for segment in bundle.segments for said in languages]
    journeys = [describe_journey(journey, said) for journey in bundle.journeys for said in languages]
    return segments + journeys + bundle.service.sentences()


def _counts(context: typer.Context, segments: Sequence[SegmentDefinition]) -> dict[str, Any]:
    """How many customers each segment would hold now: all are asked in one request, each customer is read once."""
    from cli.deployment.api import admin_api

    if not segments:
        return {}
    first, *beside = [one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in segments]
    found = admin_api(*context.obj).post("/v1/segments/preview", {"draft": first, "beside": beside})
    own = {part: found[part] for part in ("count", "low", "high")}
    return {found["segment"]: own, **found["beside"]}


@app.command()
def schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Such as segment, journey or shop; all if absent.")
    ] = None,
    json: Json = False,
) -> None:
    """The JSON Schema of definitions, by which editors complete and check what is written."""
    from cli.definitions.schemas import SCHEMAS, schema_of

    if kind is not None and kind not in SCHEMAS:
        raise typer.BadParameter(f"write one of {', '.join(SCHEMAS)}", param_hint="KIND")
    as_json(schema_of(kind) if kind else {name: schema_of(name) for name in SCHEMAS})


@app.command()
def apply(
    folder: Folder,
    stage: Stage = "local",
    over_console: Annotated[
        bool, typer.Option("--over-console", help="Also overwrite what was published in the console since.")
    ] = False,
    json: Json = False,
) -> None:
    """Publish the folder as the next release, if it is valid and the console published nothing else since."""
    from cli.catalog import catalog_table
    from cli.definitions.folder import check_folder, connectors_of, feeds_of, gateways_of
    from cli.definitions.pull import pulled_release
    from cli.publishing import publish
    from shared.stores.connectors import put_connector
    from shared.stores.feeds import keep_feeds, put_feed
    from shared.stores.releases import Releases
    from shared.stores.senders import put_sender

    found = check_folder(folder)
    if found.bundle is None:
        first, more = found.problems[0], len(found.problems) - 1
        raise Failure(f"{first}" + (f", and {more} more: kervan definitions check {folder}" if more else ""))
    if not json:
        _warn(found.warnings)
    catalog = catalog_table(stage)
    pulled = pulled_release(Releases(catalog.table), folder, stage)
    published = publish(catalog.table, found.bundle.release(), pulled=pulled, over_console=over_console)
    senders = [one.sender for one in gateways_of(folder) if put_sender(catalog.table, one)]
    described = connectors_of(folder)
    shops = [one.connector for one in described if put_connector(catalog.table, one)]
    gone = _remove_connectors(catalog, {one.connector for one in described})
    pulled_feeds = feeds_of(folder)
    feeds = [one.feed for one in pulled_feeds if put_feed(catalog.table, one)]
    gone += keep_feeds(catalog.table, (one.feed for one in pulled_feeds))
    if published.new or senders or shops or feeds or gone:
        catalog.use_at_once()
    if json:
        told: dict[str, Any] = {"release": published.number, "new": published.new, "raises": published.raises}
        beside = {"senders": senders, "connectors": shops, "feeds": feeds, "removed": gone}
        as_json(told | {name: published for name, published in beside.items() if published})
    else:
        for name in gone:
            line(f"{escape(name)} is described no more: it is not heard and not pulled.")
        for name in feeds:
            line(f"The feed {escape(name)} is published; it is pulled within five minutes: kervan products feeds")
        for name in shops:
            line(f"The connector {escape(name)} is published; its secret: kervan connectors secret {escape(name)}")
        for name in senders:
            line(f"The sender {escape(name)} is published; its secrets: kervan senders secret {escape(name)} NAME")
        line(f"Release {published.number} is " + ("published." if published.new else "what is published already."))
        if published.raises:
            line("What is folded has changed: every customer is folded anew from the log, within minutes.")


def _remove_connectors(catalog: Any, kept: set[str]) -> list[str]:
    """Names of shops that were described before."""
    from shared.stores.connectors import CONNECTOR, remove_connector

    known = [item["pk"].partition("#")[2] for item in catalog.scan_prefix(f"{CONNECTOR}#")]
    gone = [name for name in known if name not in kept]
    for name in gone:
        remove_connector(catalog.table, name)
    return gone


@app.command()
def pull(
    folder: Folder,
    stage: Stage = "local",
    over_files: Annotated[
        bool, typer.Option("--over-files", help="Also overwrite files that have changes of their own.")
    ] = False,
    json: Json = False,
) -> None:
    """Write what was published in the console since into the folder. Templates stay: the console changes none."""
    from dataclasses import asdict

    from cli.catalog import catalog_table
    from cli.definitions.pull import pull as pull_into
    from shared.stores.releases import Releases

    if not folder.is_dir():
        raise Failure(f"there is no folder {folder}; name the one that holds shop.yaml")
    found = pull_into(Releases(catalog_table(stage).table), folder, stage, over_files=over_files)
    if json:
        as_json(asdict(found))
    else:
        for key in found.written:
            line(f"written  {escape(key)}")
        for key in found.removed:
            line(f"removed  {escape(key)}")
        if not (found.written or found.removed or found.kept):
            line(f"Nothing to take over: the files hold what the console published (release {found.release}).")
    if found.kept:
        raise Failure(
            f"{', '.join(found.kept)} changed in the console and in your files: yours are kept; decide by hand, or "
            "take the published ones with --over-files"
        )
