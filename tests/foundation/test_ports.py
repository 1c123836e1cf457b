"""Ports that are chosen now and listened on later."""

import socket
import subprocess
import sys

from caseloom.foundation.ports import EPHEMERAL, LOWEST, claim_port

ASK = "import sys; from caseloom.foundation.ports import claim_port; print(claim_port(int(sys.argv[1])))"


def test_a_free_port_is_given_as_preferred() -> None:
    free = claim_port()
    assert LOWEST <= free < EPHEMERAL
    asked = subprocess.run([sys.executable, "-c", ASK, str(free + 1)], capture_output=True, text=True, check=True)
    assert int(asked.stdout) == free + 1


def test_two_programs_never_choose_the_same_port() -> None:
    mine = claim_port()
    theirs = subprocess.run([sys.executable, "-c", ASK, str(mine)], capture_output=True, text=True, check=True)
    assert int(theirs.stdout) != mine


def test_a_port_that_somebody_listens_on_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert claim_port(listening.getsockname()[1]) != listening.getsockname()[1]


def test_one_program_never_gets_the_same_port_twice() -> None:
    given = [claim_port() for _ in range(50)]
    assert len(set(given)) == 50
