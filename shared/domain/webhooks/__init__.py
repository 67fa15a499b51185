"""Webhooks that the shop's own systems are told by: the form that all of them have. Each subject keeps what it says."""
