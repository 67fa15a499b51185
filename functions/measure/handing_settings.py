"""What the functions that hand rows of the lake on need of their environment, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.adapters.lake_firehose import FirehoseLake, firehose_lake


@dataclass(frozen=True, slots=True)
class HandingSettings:
    """The stream of Firehose, and the url of the queue in which rows wait that it does not take."""

    lake: str
    lake_later: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> HandingSettings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(lake=environment["KERVAN_LAKE"], lake_later=environment["KERVAN_LAKE_LATER"])


@cache
def lake_of_environment() -> FirehoseLake:
    """Made with the first invocation and kept. Its errors are raised: the stream or the queue offers the rows again."""
    settings = HandingSettings.read(os.environ)
    return firehose_lake(settings.lake, settings.lake_later)
