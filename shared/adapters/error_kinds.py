"""What may be logged of an exception: its kind, and the code and operation if AWS refused. Never its message."""

from __future__ import annotations

from shared.adapters.aws_errors import AwsRefused


def kind_of(trouble: BaseException) -> str:
    """``Conflict``, or ``AwsRefused ValidationException at PutItem``; messages may hold keys and values."""
    name = type(trouble).__name__
    if isinstance(trouble, AwsRefused):
        return f"{name} {trouble.code} at {trouble.operation}"
    response, operation = getattr(trouble, "response", None), getattr(trouble, "operation_name", None)
    if isinstance(response, dict) and operation:  # botocore's ClientError, without importing botocore for it
        return f"{name} {response.get('Error', {}).get('Code', 'unknown')} at {operation}"
    return name
