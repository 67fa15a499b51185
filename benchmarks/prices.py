"""What AWS asks for, us-east-1, in dollars per million; counted in requests, capacity units and processor seconds."""

from __future__ import annotations

WRITE_UNITS = 0.625
"""DynamoDB on demand, a million write units."""
READ_UNITS = 0.125
"""DynamoDB on demand, a million read units."""
HTTP_REQUESTS = 1.00
"""HTTP API, a million requests."""
INVOCATIONS = 0.20
"""Lambda, a million requests; from memory, not checked against the price list."""
SQS_REQUESTS = 0.40
"""SQS standard, a million requests of up to 64 KB; from memory, not checked against the price list."""
S3_GETS = 0.40
"""S3 Standard, a million GET requests; from memory, not checked against the price list."""
SCHEDULER = 1.00
"""EventBridge Scheduler, a million fires, beyond the free 14 million a month."""
STATE_TRANSITIONS = 25.00
"""Step Functions Standard, a million state transitions; from memory, not checked against the price list."""
GB_SECOND = 0.0000133334
"""Lambda on arm64, one GB-second; from memory, not checked against the price list."""
FIREHOSE_GB = 0.029
"""Firehose, a GB that is put directly, in steps of 5 KB for each record; from memory, not checked."""
S3_GB_MONTH = 0.023
"""S3 Standard, a GB for a month; from memory, not checked against the price list."""
LOGS_GB = 0.50
"""CloudWatch Logs, a GB taken in, access logs too; from memory, not checked against the price list."""
GB_OF_A_CORE = 1.769
"""Memory that buys one whole core: so many GB-seconds does a second of the processor cost, whatever size is set."""

SOURCE = (
    "us-east-1: DynamoDB on demand 0.625 per million write and 0.125 per million read units, HTTP API 1.00 per "
    "million, EventBridge Scheduler 1.00 per million; from memory: Lambda 0.20 per million requests and 0.0000133334 "
    "per GB-second (arm64), SQS 0.40 and Step Functions 25.00 per million, Firehose 0.029 per GB, "
    "S3 0.023 per GB and month, CloudWatch Logs 0.50 per GB"
)


def of_units(*, write: float = 0.0, read: float = 0.0) -> float:
    """Dollars per million of something that costs these units each."""
    return write * WRITE_UNITS + read * READ_UNITS


def of_logs(amount: float) -> float:
    """Dollars per million of something that logs so many bytes each."""
    return amount * LOGS_GB / 1_000


def of_cpu(seconds: float) -> float:
    """Dollars per million of something that keeps a core busy for so long. Waiting for a table is not in it."""
    return seconds * GB_OF_A_CORE * GB_SECOND * 1_000_000
