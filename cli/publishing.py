"""Publishes definitions as the next release, unless they are what is published already.

The same definitions are published anew when this version of Kervan folds otherwise than the one that published them:
the new release is what makes the functions raise the facts that they wrote before from the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cli.failure import Failure
from shared.domain.definitions.difference import definitions_of, difference
from shared.domain.definitions.origin import Origin
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.sign_up import RewrittenText
from shared.ports import Conflict, Table
from shared.stores.releases import Releases


@dataclass(frozen=True, slots=True)
class Published:
    """``new`` is False if the same definitions were published already; ``raises`` if older facts are raised by it."""

    number: int
    new: bool
    raises: bool = False


class ChangedInConsole(Failure):
    """The console changed these definitions since, and the files say otherwise."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(
            f"the console changed {', '.join(keys)} since, and your files say otherwise: write what is published into "
            "them with `kervan definitions pull DIR`, or publish over it with --over-console"
        )
        self.keys = keys


def publish(catalog: Table, release: Release, *, pulled: int = 0, over_console: bool = False) -> Published:
    """Stores the release and flips the pointer; functions follow within 15 seconds.

    ``pulled``: the release that was last written into these files. What the console published after it is not
    overwritten, unless ``over_console`` says so.

    Raises
    ------
    Failure
        If somebody else published at the same moment, or a text that people agreed to says something else now;
        ``ChangedInConsole`` if the files would overwrite the console.
    """
    releases = Releases(catalog)
    current = releases.current(refresh=True)
    same = release.after(current)
    changes = difference(definitions_of(current), definitions_of(release))
    if current.number and current.folded_as == same.fingerprint and not changes:
        return Published(current.number, new=False)
    newer = tuple(one.key for one in changes if current.from_console.get(one.key, 0) > pulled)
    if newer and not over_console:
        raise ChangedInConsole(newer)
    try:
        published = releases.publish(release, Origin.files(datetime.now(UTC)), after=current.number)
        raises = current.number > 0 and published.folded_since == published.number
        return Published(published.number, new=True, raises=raises)
    except RewrittenText as changed:
        raise Failure(
            f"shop.yaml: consent_texts.{changed.text} says something else than what people agreed to: put the old text "
            "back, and write the new one under a new version"
        ) from changed
    except Conflict as raced:
        raise Failure("somebody else published at the same moment: look at theirs, then publish again") from raced


def published_shop(catalog: Table) -> Shop:
    """The shop's answers of the current release.

    Raises
    ------
    Failure
        If nothing is published.
    """
    current = Releases(catalog).current()
    if not current.number:
        raise Failure("nothing is published yet: `kervan definitions apply definitions`")
    return current.shop
