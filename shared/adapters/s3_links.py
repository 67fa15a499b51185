"""Links to files in a bucket of S3, signed with the function's own rights."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Links:
    """``FileLinks`` for a bucket. What S3 is to answer is signed too, so nobody can ask for another type."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def link(self, place: str, *, name: str, type: str, shown: bool, seconds: int) -> str:  # noqa: A002
        how = "inline" if shown else "attachment"
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": place,
                "ResponseContentType": type,
                # RFC 6266: of letters beyond ASCII and of everything that could end the header only codes are left
                "ResponseContentDisposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=seconds,
        )


def s3_links(bucket: str) -> S3Links:
    """As the environment says."""
    import boto3
    from botocore.config import Config

    return S3Links(boto3.client("s3", config=Config(signature_version="s3v4")), bucket)
