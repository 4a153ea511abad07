"""What several tests of the search share."""

import hashlib


def digest(number: int) -> str:
    """Return the id of a made-up program."""
    return hashlib.sha256(str(number).encode()).hexdigest()
