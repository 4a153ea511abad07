"""What the Linux kernel takes away from a process: system calls, files, namespaces, privileges.

Reached through ctypes and the standard library alone: the published bindings are unmaintained, need
a C library that machines lack, or wrap commands where a fork is to be locked. Everything here
either does what it says, returns a `Layer` that says why not, or raises OSError; and all of it may
be called after a fork, in a process of one thread.

The order matters, since each step takes away what an earlier one needs:

    namespaces.enter()          before privileges go; the next fork's child is process 1
    users.drop()
    linux.die_with_parent(...)  a change of user would undo it
    linux.no_new_privs()        landlock and filters are refused without it
    landlock.deny_all()
    seccomp.install(seccomp.program(policies.ZYGOTE))
    then in each forked child, after its limits are set and its descriptors closed:
    seccomp.install(...)        of `policies.CHILD` or `policies.COMPILING`, stacked on the first
"""
