"""Tries a problem's evaluator: what it says of good, bad and strange certificates and candidates.

Each check ends in a `Finding`; `examination.examine` makes them all.
"""
