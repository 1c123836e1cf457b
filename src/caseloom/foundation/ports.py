"""Ports for what starts soon: chosen now, listened on some seconds later.

Between choosing and listening another program could choose the same one. A claim is a name in Linux's abstract socket
space, which the kernel gives to one process at a time and takes back when that process ends. Ports are looked for below
the range from which the kernel serves outgoing connections, so that none of these takes one either.
"""

import atexit
import random
import socket
import sys
from typing import Final

LOWEST: Final = 20_000
EPHEMERAL: Final = 32_768
_claims: Final[list[socket.socket]] = []


def claim_port(preferred: int | None = None, host: str = "127.0.0.1") -> int:
    """A port of this machine that is free and stays claimed until this process ends: the preferred one, else another.

    Raises:
        OSError: no port is free.
    """
    wanted = [preferred] if preferred is not None else []
    for port in (*wanted, *random.sample(range(LOWEST, EPHEMERAL), 200)):
        if _claim(port) and _is_free(host, port):
            return port
    raise OSError("There is no free port on this machine.")


def _claim(port: int) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0caseloom-port-{port}")
    except OSError:
        claim.close()
        return False
    if not _claims:
        atexit.register(_give_back)
    _claims.append(claim)
    return True


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _give_back() -> None:
    for claim in _claims:
        claim.close()
