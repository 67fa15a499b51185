"""`make run`: the local stack from nothing to a played demo. Safe to call again: what is done already is skipped."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from cli import demo, paths
from cli.catalog import local_catalog
from cli.definitions.folder import check_folder
from cli.definitions.pull import pulled_release
from cli.failure import Failure, of_disk
from cli.local import ads_account, deploy, iys_account, meta_app, server, source_keys
from cli.local.emulator import SAVE
from cli.output.tables import line, working
from cli.publishing import ChangedInConsole, Published, publish
from shared.stores.releases import Releases


def main() -> None:
    """Exit status 0, or 1 with one line on standard error."""
    try:
        run()
    except Failure as failed:
        sys.exit(_say(str(failed), failed.status))
    except OSError as problem:
        sys.exit(_say(str(of_disk(problem, "starting the local stack")), 1))
    except KeyboardInterrupt:
        sys.exit(_say("stopped; `make run` goes on from here", 130))


def run() -> None:
    """Brings the stack up, plays the demo if this stack has not seen it, and says what to try."""
    began = time.monotonic()
    bring_up()
    state = paths.read(paths.STATE)
    if state.get("played"):
        line("The demo was played already; once more: .venv/bin/python -m cli.demo")
        user = state["demo_user"]
    else:
        line("The demo:")
        user = demo.play(lambda said: line("    " + said))
        paths.remember(played=True, demo_user=user)
        server.ask(server.address(state["port"]), SAVE, method="POST", timeout=60.0)
    line(f"Ready after {time.monotonic() - began:.0f} s.")
    _what_next(user)


def bring_up() -> None:
    """Server, deployment, sender, keys, definitions, and `.kervan/local.json`; what is done already is skipped.

    Raises
    ------
    Failure
        With what to do, if a phase fails.
    """
    with _phase("local stack") as note:
        base, started = server.ensure_running()
        brought_back = ", with what was there before" if started and server.has_state() else ""
        note(f"{'started' if started else 'runs already'} at {base}{brought_back}")
    with _phase("cdk deploy") as note:
        note("done" if deploy.deploy(base) else "nothing changed")
    with _phase("sender, write keys") as note:
        _verify_sender(base)
        keys = source_keys.ensure(base)
        meta_app.ensure()
        iys_account.ensure()
        ads_account.ensure()
        found = {"endpoint": deploy.endpoint(), "aws_endpoint": base, "console": f"{deploy.endpoint()}/console"}
        paths.write(paths.LOCAL, {**found, **keys})
        note("ready")
    with _phase("definitions") as note:
        try:
            published = _publish(base)
        except ChangedInConsole as changed:
            note(f"as the console published them: {', '.join(changed.keys)}; kervan definitions pull definitions")
        else:
            note(f"release {published.number}" + ("" if published.new else ", published already"))


def _publish(base: str) -> Published:
    """Raises ChangedInConsole where the files would overwrite what was published in the console."""
    folder = paths.project() / "definitions"
    checked = check_folder(folder)
    if checked.bundle is None:
        raise Failure(f"definitions: {checked.problems[0]}")
    catalog = local_catalog(base)
    pulled = pulled_release(Releases(catalog.table), folder, "local")
    published = publish(catalog.table, checked.bundle.release(), pulled=pulled)
    if published.new:
        catalog.use_at_once()
    return published


def _verify_sender(base: str) -> None:
    """Deployed as an identity; where the emulator did not verify it with the stack, it is done here."""
    mail = deploy.client(base, "sesv2")
    with contextlib.suppress(mail.exceptions.AlreadyExistsException):
        mail.create_email_identity(EmailIdentity=deploy.SENDER)


@contextlib.contextmanager
def _phase(name: str) -> Iterator[Callable[[str], None]]:
    """Says what is being done while it is done, and how long it took."""
    began = time.monotonic()
    said = ["done"]
    with working(name):
        yield lambda text: said.__setitem__(0, text)
    line(f"[green]ok[/green]  {name}: {said[0]} [dim]({time.monotonic() - began:.1f} s)[/dim]")


def _what_next(user: str) -> None:
    local = paths.read(paths.LOCAL)
    line(f"\nEndpoint  {local['endpoint']}\nConsole   {local['console']}\nKeys      {paths.path(paths.LOCAL)}\n\nTry:")
    for command in (
        ".venv/bin/kervan console url",
        f".venv/bin/kervan customer show user:{user}",
        f".venv/bin/kervan customer timeline user:{user}",
        f".venv/bin/kervan customer messages user:{user.replace('ayse', 'mehmet')}",
        ".venv/bin/kervan outbox",
        ".venv/bin/kervan clock advance 25h",
    ):
        line(f"    {command}")
    key, endpoint = local["write_keys"]["web"], local["endpoint"]
    line(
        f"    curl -u {key}: -H 'content-type: application/json' '{endpoint}/v1/track'"
        """ -d '{"userId": "you", "event": "Product Viewed", "properties": {"product_id": "p1"}}'"""
    )
    line("    make stop")


def _say(sentence: str, status: int) -> int:
    print("kervan: " + " ".join(sentence.split()), file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
