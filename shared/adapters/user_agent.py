"""What Kervan calls itself where it asks others."""

VERSION = "1.0.0"
"""That of pyproject.toml, which functions do not have with them."""
USER_AGENT = f"kervan/{VERSION}"
