"""Counters for CloudWatch as log lines (embedded metric format), by Powertools: no call, nothing to wait for."""

from __future__ import annotations

from collections.abc import Mapping

NAMESPACE = "Kervan"


def count(amounts: Mapping[str, int], **dimensions: str) -> None:
    """Adds to the counters ``amounts`` under these dimensions; zeros are left out, and nothing is written for none.

    Names and dimensions are our own words (``sent``, ``channel``): never anything of a customer.
    """
    counted = {name: amount for name, amount in amounts.items() if amount}
    if counted:
        gauge(counted, **dimensions)


def gauge(amounts: Mapping[str, int], **dimensions: str) -> None:
    """Tells how much there is at this moment, nothing included."""
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for name, value in dimensions.items():
        metrics.add_dimension(name, value)
    for name, amount in amounts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=amount)
    metrics.flush_metrics()
