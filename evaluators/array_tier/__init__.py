"""The array tier: a candidate run once over all rows as numpy arrays, or not at all.

Python is the truth. A result is bit for bit what the interpreter's calls, one a row, return;
whatever could differ gives up, and the interpreter runs the whole map.
"""
