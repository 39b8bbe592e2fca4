"""Run a program shut in as its unit says, without systemd: `python confined.py UNIT COMMAND…`.

systemd cannot be started on every machine that runs the tests. What it asks of the kernel can be asked by hand: a tree
that is read-only but for ReadWritePaths, no capability, no new privilege, and the same filters of system calls, made
from the same names by the same library. What is left out: MemoryMax and TasksMax, the user, hidden homes and devices.
"""

import ctypes
import errno
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ALLOW = 0x7FFF0000
EQUAL, MASKED_EQUAL = 4, 7
PROT_WRITE, PROT_EXEC = 2, 4
NAMESPACES = (0x20000, 0x80, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""The CLONE_NEW… flags."""
FAMILIES = 46


def words(unit: Path, command: list[str]) -> list[str]:
    """The command line that runs a command as the unit would have it."""
    text = unit.read_text(encoding="utf-8")
    assert directives(text, "ProtectSystem") == ["strict"]
    assert directives(text, "CapabilityBoundingSet") == [""]
    writable = " ".join(directives(text, "ReadWritePaths")).split()
    binds = " && ".join(f"mount --bind {shlex.quote(path)} {shlex.quote(path)}" for path in writable)
    own = "mount -t tmpfs tmpfs /var/tmp && export TMPDIR=/var/tmp"  # PrivateTmp; a test's own folders lie elsewhere
    ground = Path(tempfile.gettempdir())
    tests = shlex.quote(str(ground / unit.relative_to(ground).parts[0]))  # in memory they are no part of the tree
    mounts = f"mount --make-rprivate / && mount --bind {tests} {tests} && {binds} && {own}"
    mounted = f'{mounts} && mount -o remount,bind,ro {tests} && mount -o remount,bind,ro / && exec "$@"'
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs", "--"]
    inside = [sys.executable, __file__, str(unit), *command]
    return ["unshare", *as_root, "--mount", "bash", "-c", mounted, "bash", *powerless, *inside]


def directives(text: str, name: str) -> list[str]:
    """The values of one directive, in their order."""
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def main() -> None:
    """Put the filters on, then become the command."""
    unit, *command = sys.argv[1:]
    text = Path(unit).read_text(encoding="utf-8")
    allowed = calls(directives(text, "SystemCallFilter"))
    families = {getattr(socket, name) for name in directives(text, "RestrictAddressFamilies")[0].split()}
    shut = Filter(ALLOW)
    for family in set(range(FAMILIES)) - {int(family) for family in families}:
        shut.refuse("socket", errno.EAFNOSUPPORT, (0, EQUAL, family, 0))
    if directives(text, "RestrictNamespaces") == ["yes"]:
        for flag in NAMESPACES:
            shut.refuse("clone", errno.EPERM, (0, MASKED_EQUAL, flag, flag))
        shut.refuse("clone3", errno.ENOSYS)
        shut.refuse("unshare", errno.EPERM)
        shut.refuse("setns", errno.EPERM)
    if directives(text, "MemoryDenyWriteExecute") == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        shut.refuse("mmap", errno.EPERM, (2, MASKED_EQUAL, both, both))
        shut.refuse("mprotect", errno.EPERM, (2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
    listed = Filter(0x00050000 | errno.EPERM)
    for name in allowed:
        listed.allow(name)
    shut.load()
    listed.load()
    os.execvp(command[0], command)  # noqa: S606  (the unit's own command)


def calls(filters: Iterable[str]) -> set[str]:
    """The system calls that stay allowed: the first list allows, one that begins with ~ takes away."""
    kept: set[str] = set()
    for line in filters:
        named = {call for word in line.removeprefix("~").split() for call in members(word)}
        kept = kept - named if line.startswith("~") else kept | named
    return kept


def members(word: str) -> set[str]:
    """What systemd means by a set such as @system-service; any other word is a call itself."""
    if not word.startswith("@"):
        return {word}
    told = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in told.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return {call for line in lines for call in members(line)}


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class Filter:
    """A seccomp filter, by the library that systemd uses."""

    def __init__(self, otherwise: int) -> None:
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(otherwise))

    def allow(self, name: str) -> None:
        self._rule(name, ALLOW)

    def refuse(self, name: str, error: int, *arguments: tuple[int, int, int, int]) -> None:
        self._rule(name, 0x00050000 | error, *arguments)

    def load(self) -> None:
        assert self.library.seccomp_load(self.context) == 0

    def _rule(self, name: str, action: int, *arguments: tuple[int, int, int, int]) -> None:
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # a call of another architecture
            return
        array = (_Comparison * max(1, len(arguments)))(*(_Comparison(*each) for each in arguments))
        done = self.library.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(arguments), array)
        assert done == 0, f"{name}: {done}"


if __name__ == "__main__":
    main()
