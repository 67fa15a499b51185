"""Unmodified SDKs send to the local endpoint, and what they sent is in the timeline."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e


def test_segment_analytics_python(kervan: Kervan, name: str) -> None:
    """segment-analytics-python posts a batch; every event of it is kept."""
    from segment.analytics.client import Client

    sdk = Client(kervan.write_keys["server"], host=kervan.endpoint, debug=True, max_retries=1)
    sdk.identify(name, {"email": f"{name}@example.com"})
    sdk.track(name, "Product Viewed", {"product_id": "p1"})
    sdk.page(name, "home", "index")
    sdk.flush()
    sdk.join()
    kervan.settle()
    assert {"Product Viewed", "Page Viewed", "Identified"} <= {
        item["event"] for item in kervan.timeline(f"user:{name}")
    }


def test_rudder_sdk_python_with_gzip(kervan: Kervan, name: str) -> None:
    """rudder-sdk-python posts a gzip-compressed batch; every event of it is kept."""
    from rudderstack.analytics.client import Client

    sdk = Client(kervan.write_keys["server"], host=kervan.endpoint, gzip=True, debug=True, max_retries=1)
    sdk.track(name, "Order Completed", {"order_id": f"o-{name}", "total": 10, "currency": "TRY"})
    sdk.flush()
    sdk.join()
    kervan.settle()
    assert "Order Completed" in json.dumps(kervan.timeline(f"user:{name}"))
    assert kervan.customer(f"user:{name}")["orders"]["count"] == 1
