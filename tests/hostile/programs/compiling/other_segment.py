# forbidden crashed
# Jumps to 32-bit code by a far return, and calls the system from there.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import ctypes, mmap
    # push 0x23; lea rax, [rip+3]; push rax; retfq; then, of 32 bits: mov eax, 20; int 0x80; ud2
    code = "6a23488d05030000005048cbb814000000cd800f0b"
    memory = mmap.mmap(-1, 4096, flags=0x62, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(bytes.fromhex(code))
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    return 9.0
