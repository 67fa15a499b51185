"""The option ``--stage``, which many commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Stage = Annotated[str, typer.Option(help="local, or the stage of a deployment in the AWS account of your credentials.")]
