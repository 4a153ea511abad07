"""The one error of this package: a line that a user can act on."""


class SecurityError(Exception):
    """A file, an address or an option would not be safe, or cannot be used."""
