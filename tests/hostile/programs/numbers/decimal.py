# crashed
# Returns a decimal number.
def f(x):
    import decimal
    return decimal.Decimal("1e400")
