"""Which system calls a process may make: a slot's, a candidate's, a compiling candidate's.

What is not named is refused with EPERM: a newer C library that tries a call we have never heard of
goes on without it. Killed is only who makes a call that no honest candidate has a reason for.
Filters stack and the strictest wins, so whatever a child's policy allows, `ZYGOTE` allows too.
"""

from __future__ import annotations

from types import MappingProxyType

from evaluators.confine.bpf import Action, IfAny, Policy, Rule

_PROT_EXEC = 4
_CLONE_VM = 0x0000_0100
_CLONE_NEW = 0x7E02_0080
"""Every flag of `clone` that makes a namespace."""


def _all(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


# Memory, its own signals, clocks, randomness, sleep and its end: what Python and numpy need to
# compute. None of it reaches another process. Descriptors are closed, so `mmap` maps no file, and
# what it maps as shared is shared with nobody; the result area, shared with the worker, may be
# written, punched or mapped twice, which is no more than writing other bytes into it.
_COMPUTE = _all(
    "brk mmap munmap mprotect mremap madvise "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall "
    "clock_gettime clock_getres gettimeofday time clock_nanosleep nanosleep "
    "getrandom getpid gettid sched_yield exit exit_group",
    Action.ALLOW,
)

# Libraries try these, see that there is no such file, and go on.
_FILES = _all(
    "read write open close stat fstat lstat poll lseek ioctl pread64 pwrite64 readv writev access "
    "pipe select dup dup2 uname fcntl flock fsync fdatasync truncate ftruncate getdents getcwd "
    "chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown "
    "lchown umask getdents64 openat mkdirat mknodat fchownat futimesat newfstatat unlinkat "
    "renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll statx close_range "
    "openat2 faccessat2",
    Action.EACCES,
)

# Neither a slot nor a candidate has an honest use for these. The list need not be complete, since
# the rest is refused too; it is chosen so that few gaps between numbers make the programs long.
_HOSTILE = _all(
    # other processes' memory, and running other programs
    "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd execve execveat vfork "
    # making sockets
    "socket connect accept bind listen socketpair accept4 "
    # namespaces, mounts, the root folder, files by handle
    "unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount "
    "fspick name_to_handle_at open_by_handle_at "
    # other users' rights
    "setuid setgid setreuid setregid getgroups setgroups setresuid getresuid setresgid capset "
    # large parts of the kernel, and ways round a filter
    "io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd "
    "add_key request_key keyctl memfd_create personality modify_ldt arch_prctl "
    "fanotify_init fanotify_mark finit_module kexec_file_load "
    # the machine itself
    "sync syncfs acct adjtimex settimeofday clock_adjtime swapon swapoff reboot sethostname "
    "setdomainname iopl ioperm",
    Action.KILL,
)

# Plain waits and wakes. The others include those that look up a thread by its number, anybody's.
_PLAIN_FUTEX = {"futex": IfAny(1, 0b1100, Action.EPERM, Action.ALLOW)}

# `clone3` hides its flags behind an address; told that it does not exist, C libraries use `clone`.
_NO_CLONE3 = _all("clone3", Action.ENOSYS)

# What a slot needs besides; in a child it would reach out of it.
_SLOT_ONLY = _all(
    "fork sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockname getpeername "
    "setsockopt getsockopt kill pidfd_open pidfd_send_signal prctl prlimit64 setrlimit seccomp",
    Action.ALLOW,
)

ZYGOTE = Policy(
    _COMPUTE
    | _PLAIN_FUTEX
    | _FILES
    | _HOSTILE
    | _NO_CLONE3
    | _SLOT_ONLY
    | _all(
        "read write readv writev close close_range pread64 fstat newfstatat lseek fcntl "
        "poll ppoll select pselect6 wait4 waitid setsid setpgid getppid getrlimit getrusage "
        "getuid geteuid getgid getegid setitimer tgkill set_robust_list rseq",
        Action.ALLOW,
    )
    # Processes, but no threads and no namespaces.
    | {"clone": IfAny(0, _CLONE_VM | _CLONE_NEW, Action.EPERM, Action.ALLOW)},
    otherwise=Action.EPERM,
)
"""A slot: it forks children, watches and kills them, and talks over the socket that it has.

It opens nothing, by name or by address. It runs no candidate, but one that breaks out of its child
would find itself here.
"""

_CANDIDATE = MappingProxyType(
    _COMPUTE
    | _PLAIN_FUTEX
    | _FILES
    | _HOSTILE
    | _NO_CLONE3
    | dict.fromkeys(_SLOT_ONLY, Action.KILL)
    | _all("clone rt_sigqueueinfo rt_tgsigqueueinfo tkill", Action.KILL)
)

COMPILING = Policy({**_CANDIDATE, "setitimer": Action.ALLOW}, otherwise=Action.EPERM)
"""A candidate that numba compiles in its child: LLVM writes machine code and makes it executable.

An alarm, which reaches nobody else, ends the compiling.

So it may run any instruction, and no other rule counts on that being impossible. Its parent must
have compiled something before: on first use, numba and LLVM load files.
"""

_NO_CODE = IfAny(2, _PROT_EXEC, Action.KILL, Action.ALLOW)

CHILD = Policy(
    {**_CANDIDATE, "mmap": _NO_CODE, "mprotect": _NO_CODE},
    otherwise=Action.EPERM,
)
"""A candidate that Python runs: as `COMPILING`, but no new machine code.

`tgkill` fails with EPERM in both, since its target would be the candidate's choice. `abort`, which
uses it, then ends the process by a trap: a crash, not a forbidden call.
"""
