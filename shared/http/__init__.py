"""Requests and answers of the HTTP API, as Lambda gives and takes them, and what every endpoint reads of them alike.

The functions behind the HTTP API import it.
"""
