"""The archive: what happened in a run, append-only, in an order that nobody can rewrite."""
