# crashed ok 3.0
# Is called at every call and return of the engine, and raises.
def f(x):
    import sys
    def profile(frame, event, argument):
        if frame.f_code.co_name in ("put", "fail", "check"):
            raise KeyboardInterrupt
    sys.setprofile(profile)
    return 1.0
