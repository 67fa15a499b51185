"""`kervan doctor`: what is read of a deployment, and the checks over it.

``checks`` is pure. ``reading`` asks AWS, DNS and the deployment. Only ``cli.commands`` imports it.
"""
