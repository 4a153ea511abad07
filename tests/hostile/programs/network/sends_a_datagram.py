# forbidden crashed
# Sends a datagram to this machine.
def f(x):
    import socket
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"hostile", ("127.0.0.1", @PORT@))
    return 9.0
