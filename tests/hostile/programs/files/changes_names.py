# forbidden crashed
# Changes what is there: times, rights, owner.
def f(x):
    import os
    changed = 0
    for change in (
        lambda: os.utime("@FOLDER@"),
        lambda: os.chmod("@FOLDER@", 0o777),
        lambda: os.chown("@FOLDER@", -1, -1),
        lambda: os.setxattr("@FOLDER@", "user.hostile", b"1"),
    ):
        try:
            change()
            changed += 1
        except OSError:
            pass
    if not changed:
        raise OSError("refused")
    return 9.0
