"""``python -m tests.flow.write_stored_data``: once for each version, before it is released."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from shared.adapters import aws
from tests.flow.deployment import deployed
from tests.flow.stored_data import play, write
from tests.support.moto_wire import KEYS, REGION, route_to_moto


def main() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_DEFAULT_REGION": REGION}.items():
            patch.setenv(name, value)
        route_to_moto(patch)
        aws.session.cache_clear()
        with deployed() as deployment:
            play(deployment)
            print(write(version("kervan"), deployment))


if __name__ == "__main__":
    main()
