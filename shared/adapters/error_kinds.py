"""What may be logged of an exception: its kind, and the code and operation if AWS refused. Never its message."""

from __future__ import annotations

from shared.adapters.aws_errors import AwsRefused


def kind_of(error: BaseException) -> str:
    """``Conflict``, or ``AwsRefused ValidationException at PutItem``; messages may hold keys and values."""
    name = type(error).__name__
    if isinstance(error, AwsRefused):
        return f"{name} {error.code} at {error.operation}"
    response, operation = getattr(error, "response", None), getattr(error, "operation_name", None)
    if isinstance(response, dict) and operation:  # botocore's ClientError, without importing botocore for it
        return f"{name} {response.get('Error', {}).get('Code', 'unknown')} at {operation}"
    return name
