"""A run, or one discovery in it, written down for others: as a crate, as provenance, as tables."""
