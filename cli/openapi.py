"""``make openapi``: writes docs/openapi.json anew from the routes and models of the API."""

from __future__ import annotations

from cli import paths


def main() -> None:
    """Write the document into the repository."""
    from functions.admin.document.openapi import document_text

    file = paths.project() / "docs" / "openapi.json"
    file.write_text(document_text(), encoding="utf-8")
    print(f"kervan: {file.relative_to(paths.project())} describes the API as it is now")


if __name__ == "__main__":
    main()
