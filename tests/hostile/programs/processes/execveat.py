# forbidden crashed
# Becomes another program by the newer call.
def f(x):
    import ctypes, sys
    number = 281 if "aarch64" in sys.implementation._multiarch else 322
    words = (ctypes.c_char_p * 3)(b"touch", b"@FOLDER@/execveat", None)
    ctypes.CDLL(None).syscall(number, -100, b"/bin/touch", words, None, 0)
    raise OSError("refused")
