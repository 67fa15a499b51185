"""Gateways of local operators, described as data: the request, what its answer means, and the webhook.

May import ``shared.domain.definitions``. Who calls a gateway is ``shared/adapters/sms_gateway.py``.
"""
