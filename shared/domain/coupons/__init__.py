"""Coupons: where codes come from, and who was given one."""
