"""What goes wrong with a request to AWS. Neither text holds a key, a value or a customer's data."""

from __future__ import annotations

from collections.abc import Sequence


class AwsError(Exception):
    """A request to AWS brought no result."""


class AwsRefused(AwsError):
    """AWS answered with an error.

    Parameters
    ----------
    operation
        What was asked, such as ``PutItem``.
    code
        AWS's name of the error, such as ``ValidationException``; ``Http503`` where the answer names none.
    status
        The HTTP status.
    reasons
        Of a transaction: AWS's code for each item that was refused.
    """

    def __init__(self, operation: str, code: str, status: int, reasons: Sequence[str] = ()) -> None:
        super().__init__(f"{code} at {operation}")
        self.operation = operation
        self.code = code
        self.status = status
        self.reasons = tuple(reasons)


class AwsUnreachable(AwsError):
    """No answer that can be used: no connection, a time-out, a damaged answer. Whether AWS acted is unknown."""


class AwsNotConfigured(AwsError):
    """There are no credentials, no region, or an address that cannot be read."""


class UnwritableRequest(ValueError):
    """The request holds text that is not Unicode (half of a surrogate pair), so it cannot be sent."""
