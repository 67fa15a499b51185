"""The newest audit of segments: one item of the catalog, written every hour by the audit alone."""

from __future__ import annotations

from shared.domain.segments.audit import Audit, Size
from shared.ports import Table

_KEY = ("audit", "segments")


class AuditStore:
    """``audit`` / ``segments`` in the catalog."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def read(self) -> Audit | None:
        item = self._table.get(*_KEY)
        if item is None:
            return None
        return Audit(
            at=item["at"],
            release=item["release"],
            sampled=item["sampled"],
            left_out=item["left_out"],
            mismatches=item["mismatches"],
            roots=tuple(item["roots"]),
            sizes={name: Size(members, exact) for name, (members, exact) in item["sizes"].items()},
            cycles=tuple(item["cycles"]),
        )

    def put(self, audit: Audit) -> None:
        self._table.put(
            {
                "pk": _KEY[0],
                "sk": _KEY[1],
                "at": audit.at,
                "release": audit.release,
                "sampled": audit.sampled,
                "left_out": audit.left_out,
                "mismatches": dict(audit.mismatches),
                "roots": list(audit.roots),
                "sizes": {name: [size.members, size.exact] for name, size in audit.sizes.items()},
                "cycles": list(audit.cycles),
            }
        )
