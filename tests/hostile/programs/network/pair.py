# forbidden crashed
# Makes two sockets that are connected to each other.
def f(x):
    import socket
    socket.socketpair()
    return 9.0
