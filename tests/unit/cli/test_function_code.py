"""The local stack unpacks the code of functions once, however many processes run it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cli.local.function_code import sharing, unpacked

pytestmark = pytest.mark.unit


def archive(file: Path, text: str) -> Path:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("functions/api.py", text)
    return file


def for_a_process(folder: Path, packed: Path, place: Path) -> Path:
    """As the emulator does it: an empty directory, into which all is extracted."""
    place.mkdir()
    with sharing(folder).ZipFile(str(packed)) as opened:
        opened.extractall(str(place))
    return place


def test_processes_of_the_same_code_share_it(tmp_path: Path) -> None:
    """What one compiled the other finds; other code is elsewhere."""
    folder = tmp_path / "code"
    one = for_a_process(folder, archive(tmp_path / "1.zip", "A = 1"), tmp_path / "one")
    two = for_a_process(folder, archive(tmp_path / "2.zip", "A = 1"), tmp_path / "two")
    three = for_a_process(folder, archive(tmp_path / "3.zip", "A = 2"), tmp_path / "three")
    assert (two / "functions/api.py").read_text() == "A = 1"
    assert (three / "functions/api.py").read_text() == "A = 2"
    (one / "functions" / "compiled").touch()
    assert (two / "functions" / "compiled").exists()
    assert not (three / "functions" / "compiled").exists()


def test_a_broken_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half of the code is never taken for the whole."""
    packed = archive(tmp_path / "1.zip", "A = 1" * 100)
    packed.write_bytes(packed.read_bytes().replace(b"A = 1A", b"A = 2A", 1))
    for _ in range(2):
        with pytest.raises(zipfile.BadZipFile):
            unpacked(packed, tmp_path / "code")
    assert list((tmp_path / "code").iterdir()) == []


def test_a_layer_in_parts_is_extracted_as_ever(tmp_path: Path) -> None:
    """Chosen members go where they were to go."""
    packed, place = archive(tmp_path / "1.zip", "A = 1"), tmp_path / "place"
    place.mkdir()
    with sharing(tmp_path / "code").ZipFile(str(packed)) as opened:
        opened.extractall(str(place), ["functions/api.py"])
    assert not place.is_symlink()
    assert (place / "functions/api.py").read_text() == "A = 1"
