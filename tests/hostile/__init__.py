"""Hostile programs, run through a real pool: what each may get, and that nothing of it is left."""
