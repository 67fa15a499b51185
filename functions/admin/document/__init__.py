"""The OpenAPI document: of the operators' API from its routes, of tracking and stock from models kept beside it.

Only ``functions.admin.api``, the command that writes docs/openapi.json, and tests import it.
"""
