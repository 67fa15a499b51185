"""Which methods a path may be asked with."""

from __future__ import annotations

from shared.http.answers import wrong_method
from shared.http.request import Request

DRAFTS = (("preview",), ("explain",))
"""What may be asked about a segment that is not published."""
ASKED_OF_TEMPLATES = (("preview",), ("test",))
"""What may be asked about a template."""
POSTED_ABOUT = frozenset({"release", "relink", "rebuild", "erasure", "lift-suppression"})
"""What is said about a link or an address that bounced, or asked for a customer."""


IYS_POSTED = (("rows",), ("retries",))
"""What is asked of the exchange with the register of consent."""


def check_method(request: Request) -> None:
    """Refuse what no path of the resource takes; needs no key.

    Raises
    ------
    Problem
        405 with the header ``allow``.
    """
    name = request.path[1]
    may_post = name == "campaigns" or (name == "customers" and len(request.path) > 3)
    may_post = may_post or (name == "segments" and request.path[2:] in DRAFTS)
    may_post = may_post or (name == "coupons" and len(request.path) == 4)
    may_post = may_post or (name == "templates" and request.path[3:] in ASKED_OF_TEMPLATES)
    may_post = may_post or (name == "deadletters" and request.path[3:] == ("redrive",))
    may_post = may_post or (name == "sources" and request.path[3:] == ("take-back",))
    may_post = may_post or (name == "cases" and len(request.path) == 3)
    may_post = may_post or (name == "iys" and request.path[2:] in IYS_POSTED)
    may_put = (
        request.path[1:] == ("controls",)
        or (name == "channels" and len(request.path) == 3)
        or (name == "journeys" and request.path[3:] == ("state",))
    )
    allowed = {"GET", *(["POST"] if may_post else []), *(["PUT"] if may_put else [])}
    if request.method not in allowed:
        raise wrong_method("PUT" if may_put and name == "journeys" else "GET")


def check_path(request: Request) -> None:
    """Refuse a GET of what is only posted to, which would else be read as a name.

    Raises
    ------
    Problem
        405 with the header ``allow``.
    """
    match request.path[1:]:
        case ("customers", _, *_, posted) if posted in POSTED_ABOUT and request.method == "GET":
            raise wrong_method("POST")
        case ("coupons", _, "codes") | ("deadletters", _, "redrive") | ("sources", _, "take-back") if (
            request.method == "GET"
        ):
            raise wrong_method("POST")
        case ("segments", *draft) if tuple(draft) in DRAFTS and request.method == "GET":
            raise wrong_method("POST")
        case ("templates", _, *asked) if tuple(asked) in ASKED_OF_TEMPLATES and request.method == "GET":
            raise wrong_method("POST")
        case ("iys", *posted) if tuple(posted) in IYS_POSTED and request.method == "GET":
            raise wrong_method("POST")
        case _:
            return
