# forbidden crashed
# Resolves a name.
def f(x):
    import socket
    return float(len(socket.getaddrinfo("localhost", 80)))
