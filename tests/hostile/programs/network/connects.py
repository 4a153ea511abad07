# forbidden crashed
# Connects to a server on this machine.
def f(x):
    import socket
    with socket.create_connection(("127.0.0.1", @PORT@), timeout=0.5) as connection:
        connection.sendall(b"hostile")
    return 9.0
