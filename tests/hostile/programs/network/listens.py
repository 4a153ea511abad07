# forbidden crashed
# Offers a service on this machine.
def f(x):
    import socket
    socket.create_server(("127.0.0.1", 0))
    return 9.0
