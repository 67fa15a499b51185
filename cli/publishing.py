"""Publishes definitions as the next release, unless they are what is published already.

The same definitions are published anew when this version of Kervan folds otherwise than the one that published them:
the new release is what makes the functions raise the facts that they wrote before from the log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from cli.failure import Failure
from shared.domain.definitions.release import Release, write_release
from shared.domain.definitions.shop import Shop
from shared.ports import Conflict, Table
from shared.stores.releases import Releases

MADE_WITH_IT = frozenset({"number", "folded_since", "folded_as", "ruled_since"})
"""Parts of a release that publishing makes; the definitions are the rest."""


@dataclass(frozen=True, slots=True)
class Published:
    """``new`` is False if the same definitions were published already; ``raises`` if older facts are raised by it."""

    number: int
    new: bool
    raises: bool = False


def publish(catalog: Table, release: Release) -> Published:
    """Stores the release and flips the pointer; functions follow within 15 seconds.

    Raises
    ------
    Failure
        If somebody else published at the same moment.
    """
    releases = Releases(catalog)
    current = releases.current(refresh=True)
    same = release.after(current)
    if current.number and current.folded_as == same.fingerprint and _content(current) == _content(same):
        return Published(current.number, new=False)
    try:
        published = releases.publish(release)
        raises = current.number > 0 and published.folded_since == published.number
        return Published(published.number, new=True, raises=raises)
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


def _content(release: Release) -> object:
    said = json.loads(write_release(release))
    return {name: part for name, part in said.items() if name not in MADE_WITH_IT}
