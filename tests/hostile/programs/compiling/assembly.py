# forbidden crashed timeout
# Has LLVM assemble a call of the system: a socket.
def f(x):
    import sys
    if sys.modules.get("numba") is None:
        raise sys.modules["evaluators.elsewhere"].KernelNeeded
    import ctypes
    import llvmlite.binding as llvm
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    module = llvm.parse_assembly(
        "define i64 @attack() {\n"
        '  %1 = call i64 asm sideeffect "syscall", "={rax},{rax},{rdi},{rsi},{rdx}"'
        "(i64 41, i64 2, i64 1, i64 0)\n  ret i64 %1\n}\n"
    )
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    if ctypes.CFUNCTYPE(ctypes.c_int64)(engine.get_function_address("attack"))() < 0:
        raise OSError("refused")
    return 9.0
