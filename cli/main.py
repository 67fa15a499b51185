"""The command `kervan`: reads a deployment over its admin API, and runs the local stack."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import MutableMapping
from functools import cache
from typing import Annotated, Any, cast

import typer
from typer.exceptions import TyperException

from cli import paths
from cli.commands_by_name import CommandsByName
from cli.failure import Failure, of_disk

app = typer.Typer(
    name="kervan",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Omnichannel marketing automation: look at customers, segments, journeys and messages; run the local stack.",
)


@app.callback()
def root(
    context: typer.Context,
    endpoint: Annotated[
        str | None, typer.Option(envvar="KERVAN_ENDPOINT", help="A deployment's address; the local stack if absent.")
    ] = None,
    admin_key: Annotated[
        str | None, typer.Option(envvar="KERVAN_ADMIN_KEY", help="The deployment's admin key.")
    ] = None,
) -> None:
    context.obj = (endpoint, admin_key)


@cache
def command_tree() -> typer.core.TyperGroup:
    """Every command with its options. Made once."""
    group = typer.main.get_group(app)
    group.commands = cast("MutableMapping[str, Any]", CommandsByName())  # it is only read
    return group


def main() -> None:
    """Exit status 0, 1 on failure, 2 on wrong use; what is wrong is one line on standard error."""
    name_region(os.environ)
    sys.exit(run(sys.argv[1:]))


def name_region(environ: MutableMapping[str, str]) -> None:
    """``AWS_REGION`` counts, as it does for CDK and the docs: AWS's library for Python reads the other name only."""
    if environ.get("AWS_REGION"):
        environ.setdefault("AWS_DEFAULT_REGION", environ["AWS_REGION"])


def run(arguments: list[str]) -> int:
    try:
        result = command_tree().main(arguments, prog_name="kervan", standalone_mode=False)
    except typer.Exit as ended:
        return int(ended.exit_code)
    except TyperException as wrong:
        return _say(wrong.format_message(), 2)
    except Failure as failed:
        return _say(str(failed), failed.status)
    except (typer.Abort, KeyboardInterrupt):
        return _say("stopped", 130)
    except BrokenPipeError:
        return 0
    except OSError as problem:
        return _say(str(of_disk(problem, "the command")), 1)
    except Exception as unexpected:  # noqa: BLE001 - the last resort: one line for people, the rest in a file
        return _say(f"unexpected {type(unexpected).__name__}: {unexpected}{_kept(unexpected)}", 1)
    return result if isinstance(result, int) else 0


def _say(sentence: str, status: int) -> int:
    print("kervan: " + " ".join(sentence.split()), file=sys.stderr)
    return status


def _kept(unexpected: Exception) -> str:
    try:
        log = paths.path("kervan.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(unexpected)), "utf-8", "backslashreplace")
    except OSError:
        return ""
    return f" (details in {log})"


if __name__ == "__main__":
    main()
