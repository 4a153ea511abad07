"""The whole check of a run's folder: every file, every record, and what they say of each other."""
