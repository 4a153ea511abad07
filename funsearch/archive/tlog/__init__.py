"""Transparency logs as C2SP specifies them: they know nothing of what their entries say."""
