"""Replay of a recorded search, and scoring anew: what a run's folder says, done again."""
