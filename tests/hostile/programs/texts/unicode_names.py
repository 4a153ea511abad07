# ok 3.0
# Escapes that name characters, which loads a database.
def f(x):
    return 1.0 if len("\N{LATIN SMALL LETTER A}\N{GREEK SMALL LETTER ALPHA}\U0001F600") == 3 else 9.0
