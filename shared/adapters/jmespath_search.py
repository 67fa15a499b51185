"""JMESPath behind the mapping of a connector. The library is that of botocore."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError


class InvalidExpression(ValueError):
    """The expression cannot be read, or does not suit what it is applied to."""


def check_expression(expression: str) -> None:
    """Raises InvalidExpression, with the place, for one that cannot be read."""
    _compiled(expression)


def search(expression: str, content: Any) -> Any:
    """What an expression finds; None if it finds nothing.

    Raises
    ------
    InvalidExpression
        If it cannot be read or does not suit.
    """
    try:
        return _compiled(expression).search(content)
    except JMESPathError as unsuited:
        raise InvalidExpression(type(unsuited).__name__) from unsuited
    except (RecursionError, TypeError, OverflowError) as unsuited:
        raise InvalidExpression(type(unsuited).__name__) from unsuited


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError as broken:
        said = str(broken).splitlines()[0] if str(broken) else type(broken).__name__
        raise InvalidExpression(said[:200]) from broken
    except RecursionError as broken:
        raise InvalidExpression("the expression is nested too deeply") from broken
