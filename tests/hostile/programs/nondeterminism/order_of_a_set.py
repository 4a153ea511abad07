# nondeterministic
# Returns which of some texts comes first in a set.
def f(x):
    return float(len(next(iter({"a" * length for length in range(1, 50)}))))
