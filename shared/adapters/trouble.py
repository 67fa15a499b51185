"""What may be logged of an exception: its kind, and the code and operation if AWS refused. Never its message."""

from __future__ import annotations

from botocore.exceptions import ClientError


def kind_of(trouble: BaseException) -> str:
    """``Conflict``, or ``ClientError ValidationException at PutItem``; messages may hold keys and values."""
    name = type(trouble).__name__
    if isinstance(trouble, ClientError):
        code = trouble.response.get("Error", {}).get("Code", "unknown")
        return f"{name} {code} at {trouble.operation_name}"
    return name
