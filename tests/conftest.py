"""How thorough property tests are: quick by default, ``KERVAN_LONG=1`` (``make test-long``) makes them long."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=100, deadline=None)
settings.register_profile("long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("long" if os.environ.get("KERVAN_LONG") else "quick")
