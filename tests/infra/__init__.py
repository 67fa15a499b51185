"""Tests of the CloudFormation templates that `infra` makes.

Nothing imports it but its own modules.
"""
