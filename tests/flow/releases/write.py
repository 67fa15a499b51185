"""``make release-fixtures``: keep what the version in pyproject.toml stores, once and before it is released.

A version that is there already is not written again without ``--again``: its data are what shops have.
"""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from shared.adapters import aws
from tests.flow.deployment import deployed
from tests.flow.releases import kept, lake
from tests.flow.releases.scenes import SCENES
from tests.flow.stored_data import play, write
from tests.support.moto_wire import KEYS, REGION, route_to_moto

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def current() -> str:
    """The version of the code."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])


def main() -> None:
    version = current()
    if (kept.FOLDER / version).exists():
        if "--again" not in sys.argv[1:]:
            sys.exit(f"kervan: {version} is kept already; write the next version into pyproject.toml")
        shutil.rmtree(kept.FOLDER / version)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_DEFAULT_REGION": REGION, "POWERTOOLS_METRICS_DISABLED": "true"}.items():
            patch.setenv(name, value)
        for scene in SCENES:
            print(kept.write(version, scene.name, scene.kept()))
        print(kept.write(version, lake.SCENE, lake.kept()))
        route_to_moto(patch)
        aws.session.cache_clear()
        with deployed() as deployment:
            play(deployment)
            print(write(version, deployment))


if __name__ == "__main__":
    main()
