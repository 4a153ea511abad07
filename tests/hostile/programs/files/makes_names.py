# forbidden crashed
# Makes what needs no descriptor: folders, links, pipes.
def f(x):
    import os
    made = 0
    for make in (
        lambda: os.mkdir("@FOLDER@/folder"),
        lambda: os.symlink("/etc/passwd", "@FOLDER@/symbolic"),
        lambda: os.link("/etc/hostname", "@FOLDER@/hard"),
        lambda: os.mkfifo("@FOLDER@/pipe"),
        lambda: os.mknod("@FOLDER@/node"),
        lambda: os.rename("@FOLDER@/folder", "@FOLDER@/renamed"),
    ):
        try:
            make()
            made += 1
        except OSError:
            pass
    if not made:
        raise OSError("refused")
    return 9.0
