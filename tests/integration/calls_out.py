"""Whom a program and its children call, as the kernel sees it: no library can do so unseen."""

import re
import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path

_CALLS = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o")
_ADDRESS = re.compile(
    r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)'
    r'|sin6_port=htons\((\d+)\),.*?inet_pton\(AF_INET6, "([^"]+)"'
)
#: A machine may have its resolver on the loopback; asking for a name is calling out all the same.
_NAMES = 53


def is_watchable() -> bool:
    """Whether this machine lets one process watch another."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*_CALLS, "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def watched(command: list[str], trail: Path) -> list[str]:
    """Return the command that does the same and leaves its calls in a file."""
    return [*_CALLS, str(trail), *command]


def beyond_loopback(trail: Path) -> list[str]:
    """Return the calls of a file that leave the machine, or ask for a name that would."""
    found = []
    for line in trail.read_text("utf-8", errors="replace").splitlines():
        for port, host, port6, host6 in _ADDRESS.findall(line):
            if not ip_address(host or host6).is_loopback or int(port or port6) == _NAMES:
                found.append(line)
    return found
