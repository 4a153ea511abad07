"""The browser: an archive of discovered programs, to walk through and to judge."""
