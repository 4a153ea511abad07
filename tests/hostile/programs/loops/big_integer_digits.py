# timeout out_of_memory crashed
# Conversion to decimal takes quadratic time once its guard is lifted.
def f(x):
    import sys
    sys.set_int_max_str_digits(0)
    return len(str(7 << 40_000_000))
