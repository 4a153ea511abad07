# ok 3.0
# Walks the frames that an exception carries.
def f(x):
    try:
        raise ValueError
    except ValueError as error:
        frame = error.__traceback__.tb_frame
        while frame.f_back:
            frame = frame.f_back
            frame.f_trace = lambda *_: 1 / 0
            frame.f_trace_opcodes = True
    return 1.0
