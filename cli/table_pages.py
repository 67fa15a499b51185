"""Reads a table of a stage page by page, as commands do that can be interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.adapters.dynamo import Client

Page = tuple[list[dict[str, Any]], Mapping[str, Any] | None]
"""Items as DynamoDB writes them, and where it goes on; None at the end."""


def scan_page(client: Client, request: Mapping[str, Any], after: Mapping[str, Any] | None) -> Page:
    """The page behind ``after``; None is the first. ``request`` names the table, and what of it is asked for.

    Raises
    ------
    AwsError
        If the table cannot be read.
    """
    answer = client.call("Scan", {**request, "ExclusiveStartKey": after} if after else dict(request))
    return list(answer["Items"]), answer.get("LastEvaluatedKey") or None
