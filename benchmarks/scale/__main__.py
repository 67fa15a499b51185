"""``make scale``: writes docs/scale.md anew."""

from __future__ import annotations

from pathlib import Path

from benchmarks.scale.page import page

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print("kervan: docs/scale.md says what was computed now")


if __name__ == "__main__":
    main()
