"""Writes what the console published into a folder of definitions, and remembers which release that was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cli.definitions.folder import InvalidFile, documents_of
from cli.definitions.schemas import SCHEMAS
from cli.failure import Failure
from shared.adapters.yaml_text import written
from shared.domain.definitions.difference import SHOP, definitions_of
from shared.domain.definitions.release import Release
from shared.stores.releases import Releases

STATE = ".pulled"
"""By stage, the release that was last written into the folder, and when that was published: a stage may be made anew,
and then counts its releases from one."""
LOOKED_BACK = 30
"""Releases in which the version of a file is looked for."""
_FOLDERS = {
    "segment": "segments", "journey": "journeys", "coupon": "coupons",
    "team": "service", "routing": "service", "canned_answer": "service",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pulled:
    """``written`` and ``removed`` are keys of definitions. ``kept`` were changed in the console and in the files, or
    are templates, which the console does not write as files."""

    release: int
    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def pull(releases: Releases, folder: Path, stage: str, *, over_files: bool = False) -> Pulled:
    """Takes over what the console published since the last pull. A file with a change of its own that was never
    published stays as it is, unless ``over_files``: then everything that the console published is written.

    Raises
    ------
    Failure
        If nothing is published, or the folder cannot be read.
    """
    current = releases.current(refresh=True)
    if not current.number:
        raise Failure("nothing is published yet: `kervan definitions apply definitions`")
    published, ours = definitions_of(current), _written_here(folder)
    base = pulled_release(releases, folder, stage)
    done: dict[str, list[str]] = {"written": [], "removed": [], "kept": []}
    for key, number in current.from_console.items():
        theirs, mine = published.get(key), ours.get(key)
        if number <= base or theirs == (mine.content if mine else None):
            continue
        if key.startswith("template/") or not (over_files or _was_published(releases, current, key, mine)):
            done["kept"].append(key)
        elif theirs is None:
            _replace(folder, mine, None)
            done["removed"].append(key)
        else:
            _replace(folder, mine or _Place(_new_file(key), 0, None), theirs)
            done["written"].append(key)
            ours = _written_here(folder)
    if not done["kept"]:
        _remember(folder, stage, current)
    return Pulled(current.number, tuple(done["written"]), tuple(done["removed"]), tuple(done["kept"]))


def pulled_release(releases: Releases, folder: Path, stage: str) -> int:
    """The release that the folder last took over from this stage; 0 if none, or if the stage was made anew since."""
    said = _state(folder).get(stage)
    if not isinstance(said, Mapping) or not isinstance(said.get("release"), int):
        return 0
    release = releases.get(said["release"])
    if release is None or release.origin is None or release.origin.at != said.get("at"):
        return 0
    return release.number


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a definition stands: the file below the folder, and which of its documents it is."""

    file: str
    number: int
    content: Any


def _written_here(folder: Path) -> dict[str, _Place]:
    """Every definition of the folder, as a release would hold it."""
    found: dict[str, _Place] = {}
    try:
        for file, number, content in _documents(folder):
            key = _key(content)
            if key is not None:
                found[key] = _Place(file, number, _as_released(content, key))
    except InvalidFile as broken:
        raise Failure(str(broken.problem)) from broken
    return found


def _documents(folder: Path) -> Iterator[tuple[str, int, Any]]:
    for path in sorted(path for suffix in ("yaml", "yml", "json") for path in folder.rglob(f"*.{suffix}")):
        name = path.relative_to(folder)
        if name.parts[0] not in ("templates", "senders", "connectors", "feeds"):
            for number, document in enumerate(documents_of(path, name.as_posix())):
                yield name.as_posix(), number, document.content


def _key(content: Any) -> str | None:
    if not isinstance(content, Mapping):
        return None
    kind = next((kind for kind in _FOLDERS if kind in content), None)
    if kind is not None:
        return f"{kind}/{content[kind]}"
    return SHOP if "name" in content else None


def _as_released(content: Any, key: str) -> Any:
    """One definition in the form of a release. One with mistakes is as it is written: it equals no published one."""
    try:
        read = SCHEMAS[key.partition("/")[0]].model_validate(content)
    except ValidationError:
        return content
    return read.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _was_published(releases: Releases, current: Release, key: str, mine: _Place | None) -> bool:
    """Whether the file holds a version that was published before, so that nothing of it is lost."""
    for number in range(current.number, max(0, current.number - LOOKED_BACK) - 1, -1):
        release = releases.get(number)
        if release is not None and definitions_of(release).get(key) == (mine.content if mine else None):
            return True
    return False


def _new_file(key: str) -> str:
    kind, _, name = key.partition("/")
    return "shop.yaml" if key == SHOP else f"{_FOLDERS[kind]}/{name}.yaml"


def _replace(folder: Path, place: _Place | None, content: Any) -> None:
    """Writes one document of a file anew, and leaves the others and what stands above it as they are."""
    if place is None:
        return
    path = folder / place.file
    if content is not None and path.suffix == ".json":
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
        return
    text = path.read_text("utf-8") if path.exists() else ""
    spans = _spans(text)
    if len(spans) <= 1 and content is None:
        path.unlink(missing_ok=True)
        return
    start, end = spans[place.number] if spans else (len(text), len(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text[:start] + ("" if content is None else written(content)) + text[end:], "utf-8")


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the documents that hold something begin and end, without what stands between them."""
    spans: list[tuple[int, int]] = []
    start, empty = -1, True
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        if mark is None:
            continue
        match event:
            case yaml.DocumentStartEvent():
                start, empty = -1, True
            case yaml.NodeEvent() if start < 0:
                start = mark.index
                empty = isinstance(event, yaml.ScalarEvent) and event.value in ("", "~", "null")
            case yaml.DocumentEndEvent() if not empty:
                spans.append((start, mark.index))
    return spans


def _state(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _remember(folder: Path, stage: str, release: Release) -> None:
    at = release.origin.at if release.origin else ""
    said = _state(folder) | {stage: {"release": release.number, "at": at}}
    (folder / STATE).write_text(json.dumps(dict(sorted(said.items())), indent=2) + "\n", "utf-8")
