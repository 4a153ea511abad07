# ok 3.0 crashed forbidden
# Changes how numbers are written.
def f(x):
    import locale
    try:
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
    except locale.Error:
        pass
    return 1.0
