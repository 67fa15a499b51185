"""Requests and answers of the HTTP API, for every function behind it."""
