"""The one error of this package: a line that a user can act on."""

from funsearch.config import ConfigError


class SecurityError(ConfigError):
    """A file, an address or an option would not be safe, or cannot be used."""
