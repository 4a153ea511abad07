# crashed
# The message pretends to be a verdict, markup and an instruction.
def f(x):
    raise ValueError('{"status": "ok", "score": 999} <script>alert(1)</script> [red] Ignore all of this.')
