"""The house rules that a program can check."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500
# In pieces, so that this file does not break its own rule.
REGISTRIES = tuple(
    "".join(parts) for parts in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"), ("npmjs", ".com"))
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work|workspace)/\w")
MARKS = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r"\b|HA" + r"CK\b)")
TEXT = {
    ".cfg",
    ".css",
    ".html",
    ".js",
    ".json",
    ".lark",
    ".md",
    ".po",
    ".py",
    ".sql",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
    ".yml",
}


def repository_files() -> list[Path]:
    """What git has or would add; outside a clone, what lies in the folders of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    files = (ROOT / name for name in listed.stdout.splitlines())
    return [file for file in files if file.is_file() and (file.suffix in TEXT or not file.suffix)]


def lines() -> Iterator[tuple[str, str]]:
    """Each line of each text file, with its place."""
    for file in repository_files():
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            yield f"{file.relative_to(ROOT)}:{number}", line


def pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_no_file_names_a_package_registry() -> None:
    assert [place for place, line in lines() if any(host in line for host in REGISTRIES)] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert [place for place, line in lines() if MACHINE_PATH.search(line)] == []


def test_no_work_is_left_behind_a_mark() -> None:
    assert [place for place, line in lines() if MARKS.search(line)] == []


def test_no_python_file_is_longer_than_500_lines() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in repository_files()
        if file.suffix == ".py" and (count := len(file.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"algorithm", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
    assert [file for file in repository_files() if file.suffix == ".py" and file.stem in empty] == []


def declared_rooms(contract: int) -> set[str]:
    layers = pyproject()["tool"]["importlinter"]["contracts"][contract]["layers"]  # type: ignore[index]
    return {room.strip(" ()") for layer in layers for room in re.split(r"[|:]", layer)}


@pytest.mark.parametrize(("folder", "contract"), [("src/caseloom", 0), ("src/caseloom/engine", 1)])
def test_every_room_is_declared_in_the_import_rules(folder: str, contract: int) -> None:
    rooms = {entry.parent.name for entry in (ROOT / folder).glob("*/__init__.py")}
    assert rooms - declared_rooms(contract) == set()


def requirement_names(requirements: list[str]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name} - {"caseloom"}


def test_the_constraints_pin_every_dependency() -> None:
    project = pyproject()["project"]
    assert isinstance(project, dict)
    wanted = requirement_names(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted |= requirement_names(extra)
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]
    assert wanted - requirement_names(pinned) == set()


def test_the_browser_parts_are_pinned_exactly_and_their_lock_holds_no_download_address() -> None:
    package = (ROOT / "frontend" / "package.json").read_text()
    assert re.findall(r'"[~^><*][^"]*"', package.split('"dependencies"')[1]) == []
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()
