"""Reading which repository's workflows may deploy."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from infra.context import ContextError

_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, kw_only=True)
class Workflows:
    """Attributes
    ----------
    repository
        `owner/name` on GitHub.
    provider_exists
        The account trusts GitHub's tokens already; an account has one provider for an issuer.
    """

    repository: str
    provider_exists: bool


def read_workflows(read: Callable[[str], object]) -> Workflows | None:
    """None without `-c github=OWNER/NAME`.

    Raises
    ------
    ContextError
        When a value is not understood.
    """
    repository, provider = str(read("github") or ""), str(read("github_provider") or "new")
    if not repository:
        return None
    if not _REPOSITORY.fullmatch(repository):
        raise ContextError(f"-c github={repository} is no repository; write OWNER/NAME")
    if provider not in ("new", "existing"):
        raise ContextError(f"-c github_provider={provider} is not known; write new or existing")
    return Workflows(repository=repository, provider_exists=provider == "existing")
