"""The data folder of one installation: `CASELOOM_HOME`, else `.caseloom` in the working folder.

It holds the embedded database, the collected static files, and the two keys that were not given by
environment.
"""

import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

MASTER_KEY_BYTES = 32


class WrongKeyError(ValueError):
    """A key of the installation has not the form that it needs; the message names the variable or file."""


def home_folder(environ: Mapping[str, str]) -> Path:
    """The data folder, made when missing. Others may pass through it, as the embedded server does, not list
    it.
    """
    folder = Path(environ.get("CASELOOM_HOME") or ".caseloom").absolute()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    return folder


def secret_key(environ: Mapping[str, str], home: Path) -> str:
    """Django's signing key: `SECRET_KEY`, else made once and kept in the data folder."""
    return environ.get("SECRET_KEY") or _kept(home / "secret_key")


def master_key(environ: Mapping[str, str], home: Path) -> bytes:
    """The 32 bytes under which persons' keys are encrypted: `CASELOOM_MASTER_KEY` (64 hexadecimal digits),
    else kept.

    Whoever loses it loses every personal field. Raises `WrongKeyError`.
    """
    text = environ.get("CASELOOM_MASTER_KEY") or _kept(home / "master_key")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise WrongKeyError(
            "CASELOOM_MASTER_KEY (or the file master_key in the data folder) must be 64 hexadecimal digits. "
            'Make one with `python -c "import secrets; print(secrets.token_hex(32))"`; '
            "an installation that holds data needs its old one."
        )
    return key


def _kept(file: Path) -> str:
    """The file's text; made with fresh random digits by whichever process comes first, and readable by its
    user alone.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_written(file)
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_hex(MASTER_KEY_BYTES))
    return _read_written(file)


def _read_written(file: Path) -> str:
    """Another process may have created the file a moment ago and not written it yet."""
    deadline = time.monotonic() + 2
    while not (text := file.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return text
