# crashed
# The message clears a terminal, sets its title and asks for its answer.
def f(x):
    raise ValueError("\x1b[2J\x1b]0;owned\x07\x1b[6n\x9b31m\x07\x08\x7f\r\n\x00ok")
