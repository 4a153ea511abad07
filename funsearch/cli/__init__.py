"""The command line: a thin layer over `funsearch.api` and the archive's queries."""
