"""Requests and answers of the HTTP API.

The functions behind the API and tests import it; it knows ports and the domain only.
"""
