"""One suite for the stores of objects: a folder, and S3 (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from functions.measure.lake_reader import open_lake
from shared.adapters.folder_objects import FolderObjects
from shared.adapters.s3_objects import S3Objects
from shared.domain.lake.tables import EVENTS
from shared.ports.objects import NoSuchObject, Objects
from tests.support.lake_rows import START, put_raw, shown
from tests.support.moto_wire import REGION, boto3_client

pytestmark = pytest.mark.contract


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "folder":
        yield FolderObjects(tmp_path / "objects")
        return
    with mock_aws():
        client = boto3_client("s3")
        client.create_bucket(Bucket="kervan-lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield S3Objects(client, "kervan-lake")


def put(objects: Objects, folder: Path, key: str, body: bytes) -> None:
    file = folder / "body"
    file.write_bytes(body)
    objects.put(key, file)


def test_objects_are_listed_in_the_order_of_their_keys(objects: Objects, tmp_path: Path) -> None:
    """By prefix, which may end inside of a name; with sizes."""
    for key in ("b/2", "a/1", "b/1/x", "b/10"):
        put(objects, tmp_path, key, key.encode())
    assert [found.key for found in objects.listed("")] == ["a/1", "b/1/x", "b/10", "b/2"]
    assert [(found.key, found.size) for found in objects.listed("b/1")] == [("b/1/x", 5), ("b/10", 4)]
    assert list(objects.listed("c/")) == []


def test_more_than_a_page_is_listed_and_deleted(objects: Objects, tmp_path: Path) -> None:
    keys = [f"many/{number:04}" for number in range(1_001)]
    for key in keys:
        put(objects, tmp_path, key, b"")
    assert [found.key for found in objects.listed("many/")] == keys
    objects.delete(keys[1:])
    assert [found.key for found in objects.listed("many/")] == keys[:1]


def test_an_object_is_read_as_it_was_put_last(objects: Objects, tmp_path: Path) -> None:
    for body in (b"one", b"two"):
        put(objects, tmp_path, "a/b", body)
    folder = tmp_path / "fetched"
    folder.mkdir()
    assert objects.fetch("a/b", folder).read_bytes() == b"two"
    assert objects.fetch("a/b", folder).read_bytes() == b"two"


def test_its_first_bytes_are_read(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "a/b", b"three")
    put(objects, tmp_path, "a/empty", b"")
    assert [objects.beginning("a/b", size) for size in (2, 5, 90)] == [b"th", b"three", b"three"]
    assert objects.beginning("a/empty", 5) == b""
    with pytest.raises(NoSuchObject):
        objects.beginning("a/none", 5)


def test_what_is_not_there(objects: Objects, tmp_path: Path) -> None:
    """Reading says so, deleting does not."""
    with pytest.raises(NoSuchObject):
        objects.fetch("a/b", tmp_path)
    objects.delete(["a/b"])
    objects.delete([])


def test_the_lake_is_read_from_it(objects: Objects, tmp_path: Path) -> None:
    row = {"home": "u.a", "event": "e", "at": START, "received_at": 1}
    put_raw(tmp_path, "lines", [("events", row)], packed=True)
    put(objects, tmp_path, "raw/2026/11/29/13/x", (tmp_path / "raw" / "lines").read_bytes())
    with open_lake(objects, scratch=tmp_path) as connection:
        assert shown(connection, EVENTS) == {("u.a", "e"): row}
    assert not list(tmp_path.glob("lake-*"))
