"""Previews of messages as a page for the browser, with pictures of our own for the made-up products.

Only ``cli.commands`` imports it.
"""
