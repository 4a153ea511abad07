# forbidden crashed
# Runs machine code that calls the system by the 32-bit gate, `int 0x80`.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import ctypes, mmap
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(bytes.fromhex("b814000000cd80c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return 9.0 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 8.0
