"""What is asked of the operators' API and what it answers, as pydantic models; docs/openapi.json is made of them.

`functions.admin` and tests import it.
"""
