# forbidden crashed
# Opens sockets that talk to the kernel itself: netlink, cryptography, packets, virtual machines.
def f(x):
    import socket
    opened = 0
    for family, kind in ((16, 3), (38, 5), (17, 3), (40, 1), (31, 3)):
        try:
            socket.socket(family, kind)
            opened += 1
        except OSError:
            pass
    if not opened:
        raise OSError("refused")
    return 9.0
