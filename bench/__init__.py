"""Measurements against a floor: what the same work costs with nothing in between."""
