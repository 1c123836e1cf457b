"""An IMAP server over the Maildirs of `maildir_host`, if dovecot is installed: own configuration, own
folder, loopback.

It serves the demo and the tests. Every mailbox has the same password; so it listens on the loopback address
alone.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from msgspec import Struct

from caseloom.foundation.ports import claim_port

_BINARIES = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot")
_PASSWORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
# dovecot refuses to read mail as root; a system user without rights of its own does it.
_MAIL_USERS = ("nobody", "mail", "daemon")
_START_SECONDS = 15.0


class DovecotMissing(Struct, frozen=True):
    """Why no IMAP server can be started here, and what to do."""

    reason: str


class DovecotBinary(Struct, frozen=True):
    """An installed dovecot that we know how to configure."""

    path: Path
    version: str


class DovecotError(RuntimeError):
    """Dovecot did not start; the message holds the end of its log."""


def find_dovecot() -> DovecotBinary | DovecotMissing:
    """The installed dovecot, or why there is none of use."""
    found = shutil.which("dovecot") or next((path for path in _BINARIES if Path(path).exists()), None)
    if found is None:
        return DovecotMissing("dovecot is not installed; on Debian or Ubuntu: apt-get install dovecot-imapd")
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    version = answer.stdout.strip()
    if not version.startswith("2.3."):
        return DovecotMissing(f"dovecot {version or 'of unknown version'} is installed, and 2.3 is needed")
    return DovecotBinary(Path(found), version)


def mail_owner() -> tuple[int, int] | None:
    """User and group ids that the Maildirs must belong to: ours (None), or an unprivileged user's if we are
    root.
    """
    return _mail_user()[1:] if os.geteuid() == 0 else None


def _mail_user() -> tuple[str, int, int]:
    for name in _MAIL_USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return name, user.pw_uid, user.pw_gid
    raise DovecotError("There is no user nobody, mail or daemon; start as a normal user.")


class Dovecot:
    """A running IMAP server. Use it as a context manager, or `start` and `stop` it.

    run: a folder of its own for configuration, sockets and log; keep its path under 70 characters, since
    Unix sockets below it must stay under 108. mails: the folder of a `MaildirHost`. Both must be reachable
    for `mail_owner`'s user. port: 0 takes a free one.
    """

    def __init__(self, binary: DovecotBinary, run: Path, mails: Path, password: str, port: int = 0) -> None:
        if not _PASSWORD.fullmatch(password):
            raise ValueError("The password may hold letters, digits, '_', '.' and '-' only, 60 at most.")
        self._binary = binary
        self._run = run
        self._mails = mails
        self._password = password
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers. Raises DovecotError."""
        self._run.mkdir(parents=True, exist_ok=True)
        self.port = self.port or claim_port()
        configuration = self._run / "dovecot.conf"
        configuration.write_text(self._configuration())
        with (self._run / "start.log").open("wb") as log:
            command = [str(self._binary.path), "-F", "-c", str(configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)  # noqa: S603
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop it and all that it started."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> "Dovecot":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    if connection.recv(64).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise DovecotError(f"dovecot did not start: {self._log_end()}")

    def _log_end(self) -> str:
        logs = (self._run / name for name in ("start.log", "dovecot.log"))
        return " ".join(log.read_text(errors="replace")[-1500:] for log in logs if log.exists()).strip()

    def _configuration(self) -> str:
        uid, gid = mail_owner() or (os.geteuid(), os.getegid())
        users = "" if os.geteuid() == 0 else _own_user_alone()
        return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {self._run}/base
state_dir = {self._run}/state
log_path = {self._run}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{self._mails}/%Lu
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_privileged_group =
default_vsz_limit = 0
imap_idle_notify_interval = 29 mins
maildir_very_dirty_syncs = no
{users}
passdb {{
  driver = static
  args = password={self._password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={self._mails}/%Lu allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def _own_user_alone() -> str:
    name = pwd.getpwuid(os.geteuid()).pw_name
    return f"default_internal_user = {name}\ndefault_login_user = {name}\ndefault_internal_group = "
