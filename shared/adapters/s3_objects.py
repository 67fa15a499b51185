"""A store of objects in a bucket of S3."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shared.ports import Throttled
from shared.ports.objects import Found, NoSuchObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_DELETED = 1_000
"""Keys of one request, as S3 allows."""
_GONE = frozenset({"404", "NoSuchKey", "NotFound"})


class S3Objects:
    """``Objects`` in a bucket. Encryption is the bucket's."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def listed(self, prefix: str) -> Iterator[Found]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for one in page.get("Contents", ()):
                yield Found(one["Key"], one["Size"])

    def fetch(self, key: str, folder: Path) -> Path:
        """A file in ``folder``, named by the key's digest; it is fetched once, in pieces, whatever its size."""
        from botocore.exceptions import ClientError

        file = folder / hashlib.sha256(key.encode()).hexdigest()
        if file.exists():
            return file
        unfinished = folder / uuid.uuid4().hex
        try:
            self._client.download_file(self._bucket, key, str(unfinished))
        except ClientError as refused:
            unfinished.unlink(missing_ok=True)
            if refused.response.get("Error", {}).get("Code") in _GONE:
                raise NoSuchObject(key) from None
            raise
        unfinished.replace(file)
        return file

    def beginning(self, key: str, size: int) -> bytes:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes=0-{size - 1}")
            return answer["Body"].read(size)
        except ClientError as refused:
            code = refused.response.get("Error", {}).get("Code")
            if code in _GONE:
                raise NoSuchObject(key) from None
            if code in {"416", "InvalidRange"}:  # it is empty
                return b""
            raise

    def put(self, key: str, file: Path) -> None:
        self._client.upload_file(str(file), self._bucket, key)

    def delete(self, keys: Iterable[str]) -> None:
        """Raises Throttled if S3 leaves any: delete again, it is harmless."""
        listed = list(keys)
        for start in range(0, len(listed), MOST_DELETED):
            batch = listed[start : start + MOST_DELETED]
            answer = self._client.delete_objects(
                Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
            )
            if answer.get("Errors"):
                raise Throttled("objects could not be deleted")


def s3_objects(bucket: str) -> S3Objects:
    """As the environment says."""
    import boto3

    return S3Objects(boto3.client("s3"), bucket)
