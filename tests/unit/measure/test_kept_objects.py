"""Copies of files that are kept between reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.measure.kept_objects import KeptObjects
from tests.support.copied_objects import CopiedObjects

pytestmark = pytest.mark.unit


class Copying(CopiedObjects):
    """Counts its copies."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.copied: list[str] = []

    def fetch(self, key: str, folder: Path) -> Path:
        before = len(list(folder.iterdir()))
        copy = super().fetch(key, folder)
        self.copied += [key] * (len(list(folder.iterdir())) - before)
        return copy


def kept_in(tmp_path: Path, most: int) -> tuple[Copying, KeptObjects]:
    for name, size in (("a", 10), ("b", 20), ("c", 30)):
        file = tmp_path / "bucket" / "lake" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
    bucket = Copying(tmp_path / "bucket")
    return bucket, KeptObjects(bucket, tmp_path / "kept", most)


def test_a_file_is_fetched_once(tmp_path: Path) -> None:
    """The second report reads the copy."""
    bucket, kept = kept_in(tmp_path, 1_000)
    for _ in range(2):
        assert kept.fetch("lake/a", tmp_path).read_bytes() == b"x" * 10
    assert bucket.copied == ["lake/a"]


def test_what_is_listed_no_more_is_not_kept(tmp_path: Path) -> None:
    """Compaction took it away, perhaps because somebody was erased; other prefixes are left alone."""
    _, kept = kept_in(tmp_path, 1_000)
    copy = kept.fetch("lake/a", tmp_path)
    (tmp_path / "bucket" / "lake" / "a").unlink()
    list(kept.listed("raw/"))
    assert copy.exists()
    assert [found.key for found in kept.listed("lake/")] == ["lake/b", "lake/c"]
    assert not copy.exists()


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    """With the next listing, not while a report reads."""
    import os

    bucket, kept = kept_in(tmp_path, 50)
    files = {name: kept.fetch(f"lake/{name}", tmp_path) for name in "abc"}
    for age, name in enumerate("cba"):
        os.utime(files[name], (age, age))
    assert all(file.exists() for file in files.values())
    list(kept.listed("lake/"))
    assert [name for name, file in files.items() if file.exists()] == ["a", "b"]
    kept.fetch("lake/c", tmp_path)
    assert bucket.copied.count("lake/c") == 2
