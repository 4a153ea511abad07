"""Samplers: where new versions of the function come from."""
