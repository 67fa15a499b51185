"""The OpenAPI document: of the operators' API from its routes, of the tracking API from models that are kept beside it.

Only ``functions.admin.api``, the command that writes docs/openapi.json, and tests import it.
"""
