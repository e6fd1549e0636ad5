"""Seccomp through ctypes: this process may compute, read and write, and little else.

A filter (man 2 seccomp) is a small program in the kernel that sees the number and the arguments of
every system call. The usual library for it, libseccomp, is no Python package and not on every
machine; the filter is simple enough to be written down here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Sequence

from core.linux import PR_SET_NO_NEW_PRIVS, prctl

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE, _UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

_LOAD, _IF_EQUAL, _IF_GREATER, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST, _SECOND = 0, 4, 16, 24  # where the kernel puts them: struct seccomp_data

_CLONE_THREAD = 0x00010000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type into a terminal, as if its user did

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Their AUDIT_ARCH_…, and their column in the tables below."""

_NEWEST = 467
"""Calls with a higher number are not known to this file: answered as an older kernel would."""

_REFUSED = """
    socket 41 198, socketpair 53 199, bind 49 200, connect 42 203, listen 50 201, accept 43 202,
    accept4 288 242, sendto 44 206, sendmsg 46 211, sendmmsg 307 269,

    fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, ptrace 101 117,
    process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
    process_mrelease 448 448, pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424,
    kcmp 312 272, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
    move_pages 279 239, migrate_pages 256 238, setpriority 141 140, ioprio_set 251 30,
    sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,
    sched_setaffinity 203 122,

    shmget 29 194, shmat 30 196, shmctl 31 195, semget 64 190, semop 65 193, semctl 66 191,
    semtimedop 220 192, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187,
    mq_open 240 180, mq_unlink 241 181,

    chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55,
    lchown 94 -, fchownat 260 54, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7,
    setxattrat 463 463, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
    removexattrat 466 466, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -,
    unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276, link 86 -,
    linkat 265 37, symlink 88 -, symlinkat 266 36, mkdir 83 -, mkdirat 258 34, rmdir 84 -,
    mknod 133 -, mknodat 259 33, truncate 76 45, open_by_handle_at 304 265,

    mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, unshare 272 97, setns 308 268,
    open_tree 428 428, open_tree_attr 467 467, move_mount 429 429, fsopen 430 430,
    fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442, swapon 167 224,
    swapoff 168 225, quotactl 179 60, quotactl_fd 443 443,

    bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, io_uring_setup 425 425,
    io_uring_enter 426 426, io_uring_register 427 427, keyctl 250 219, add_key 248 217,
    request_key 249 218, init_module 175 105, finit_module 313 273, delete_module 176 106,
    kexec_load 246 104, kexec_file_load 320 294, reboot 169 142, settimeofday 164 170,
    clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171, acct 163 89, syslog 103 116,
    sethostname 170 161, setdomainname 171 162, iopl 172 -, ioperm 173 -, modify_ldt 154 -,
    vhangup 153 58, personality 135 92, fanotify_init 300 262, fanotify_mark 301 263,
    lookup_dcookie 212 18
"""
"""By name, and by number on each machine (asm/unistd.h): the network; other programs and processes;
memory and messages shared with them; whose a file is, and which files there are; mounts; and what a
decoder never needs but attacks on kernels do."""

_WATCHED = (
    "clone 56 220, clone3 435 435, kill 62 129, tgkill 234 131, prlimit64 302 261, ioctl 16 29"
)
"""Refused by what they are asked for."""

_Step = tuple[int, int, int, int]
"""An instruction: its code, how many to skip if true and if false, and its number."""


def numbers(table: str, machine: str) -> dict[str, int]:
    """The calls of a table that this machine has, with their numbers there."""
    column = 1 + _MACHINES[machine][1]
    rows = [row.split() for row in table.split(",")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def program(machine: str, process_id: int) -> list[_Step]:
    """The filter for a process of this number on this machine, one of `_MACHINES`."""
    watched = numbers(_WATCHED, machine)
    refused = list(numbers(_REFUSED, machine).values())
    to_itself = [(_LOAD, 0, 0, _FIRST), (_IF_EQUAL, 0, 1, process_id), *_either(_ALLOW, _REFUSE)]
    return [
        (_LOAD, 0, 0, _MACHINE),
        (_IF_EQUAL, 1, 0, _MACHINES[machine][0]),
        (_RETURN, 0, 0, _KILL),  # the same process can make calls with another machine's numbers
        (_LOAD, 0, 0, _NUMBER),
        (_IF_GREATER, 0, 1, _NEWEST),
        (_RETURN, 0, 0, _UNKNOWN),
        # The C library starts threads by clone3, whose flags a filter cannot see, or else by clone
        *_case(watched["clone3"], [(_RETURN, 0, 0, _UNKNOWN)]),
        *_case(
            watched["clone"],
            [(_LOAD, 0, 0, _FIRST), (_IF_ANY_BIT, 0, 1, _CLONE_THREAD), *_either(_ALLOW, _REFUSE)],
        ),
        *_case(watched["kill"], to_itself),
        *_case(watched["tgkill"], to_itself),  # abort() of the C library uses it
        *_case(
            watched["prlimit64"],
            [
                (_LOAD, 0, 0, _FIRST),
                (_IF_EQUAL, 1, 0, 0),
                (_IF_EQUAL, 0, 1, process_id),
                *_either(_ALLOW, _REFUSE),
            ],
        ),
        *_case(
            watched["ioctl"],
            [
                (_LOAD, 0, 0, _SECOND),
                (_IF_EQUAL, 1, 0, _TIOCSTI),
                (_IF_EQUAL, 0, 1, _TIOCLINUX),
                *_either(_REFUSE, _ALLOW),
            ],
        ),
        *((_IF_EQUAL, len(refused) - at, 0, number) for at, number in enumerate(refused)),
        *_either(_ALLOW, _REFUSE),
    ]


def install() -> bool:
    """Put this thread, and those it starts, under the filter; whether that holds now.

    It cannot be taken back. On a machine whose numbers are not known here there is none.
    """
    machine = os.uname().machine
    if machine not in _MACHINES or struct.calcsize("P") != 8:
        return False
    steps = program(machine, os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    # struct sock_fprog
    filter_ = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    # not by seccomp(2), for which the filters of some services end a process
    return prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filter_))


def _either(first: int, second: int) -> list[_Step]:
    """Two ends, for a test right before them that skips one if false."""
    return [(_RETURN, 0, 0, first), (_RETURN, 0, 0, second)]


def _case(number: int, steps: Sequence[_Step]) -> list[_Step]:
    """These steps, which end in a return, for the call of this number."""
    return [(_IF_EQUAL, 0, len(steps), number), *steps]
