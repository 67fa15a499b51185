"""How a customer is named on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

Id = Annotated[
    str, typer.Argument(metavar="ID", help="An identifier such as user:42, email:ayse@example.com, loyalty:L7.")
]
