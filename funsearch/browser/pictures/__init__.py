"""Pictures as SVG text, drawn on the server: the same in a page, without scripts, and in a bundle.

Each takes plain dataclasses and returns bounded markup in which every text is escaped.
"""
