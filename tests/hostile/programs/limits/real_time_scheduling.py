# forbidden crashed
# Asks for the processor before everybody else.
def f(x):
    import os
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    return 9.0
