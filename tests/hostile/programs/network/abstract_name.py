# forbidden crashed
# Connects to a service that has no file.
def f(x):
    import socket
    socket.socket(socket.AF_UNIX).connect("\0funsearch-hostile-@PORT@")
    return 9.0
