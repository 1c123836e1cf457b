"""The documents hold together: links lead somewhere, marked code blocks run, commands and settings are the product's.

A block is marked behind its language: `yaml check` goes through `caseloom library check`; `python run` runs as a
program of its own against a live server, with the address and a token in its environment.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from caseloom.cli.library import check
from caseloom.config.commands import COMMANDS
from tests.streams.kit import a_service_goal
from tests.web.api.kit import Caller

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.M | re.S)
SERVICE_GOAL = ROOT / "docs/how-to/write-a-service-goal.md"
OPERATE = ROOT / "docs/how-to/operate.md"
VARIABLE = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']""")
# Set by Caseloom itself, or by the machine, and not meant for people.
NOT_SETTINGS = {"DJANGO_SETTINGS_MODULE", "PATH", "HOME"}


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def blocks(document: Path, mark: str) -> list[str]:
    """The code blocks whose info string is `mark`."""
    return [text for info, text in BLOCK.findall(document.read_text()) if info.strip() == mark]


def marked(mark: str) -> list[Any]:
    """Each document that has such blocks, with all of them."""
    found = ((document, blocks(document, mark)) for document in documents())
    return [pytest.param(texts, id=document.stem) for document, texts in found if texts]


def inner_links(document: Path) -> list[str]:
    """Targets without scheme, and without the part behind `#`."""
    found = (first or second for first, second in LINK.findall(document.read_text()))
    return [target.split("#")[0] for target in found if "://" not in target and not target.startswith(("#", "mailto:"))]


def test_there_are_documents_to_check() -> None:
    assert ROOT / "CONTRIBUTING.md" in documents()
    assert marked("yaml check")
    assert marked("python run")


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in inner_links(document)
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_page_of_the_documentation_is_reached_from_its_index() -> None:
    index = ROOT / "docs/README.md"
    reached = {(index.parent / target).resolve() for target in inner_links(index)}
    pages = {page.resolve() for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "adr"} - {index.resolve()}
    assert sorted(pages - reached) == []


def test_pictures_are_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in (ROOT / "docs/images").iterdir()}
    assert max(sizes.values()) < 200_000
    assert sum(sizes.values()) < 600_000


@pytest.mark.django_db
@pytest.mark.parametrize("texts", marked("yaml check"))
def test_definitions_in_the_documents_have_no_fault(texts: list[str], tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.yaml" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    assert list(check(files)) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("texts", marked("python run"))
def test_programs_in_the_documents_run(texts: list[str], live_server: Any) -> None:
    house, service_goal = blocks(SERVICE_GOAL, "yaml check")
    a_service_goal(house, "house")
    a_service_goal(service_goal, "lost parcel")
    env = {**os.environ, "CASELOOM_ADDRESS": live_server.url, "CASELOOM_TOKEN": Caller("agent").token}
    for text in texts:
        ran = subprocess.run([sys.executable, "-c", text], env=env, capture_output=True, text=True, timeout=60)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.endswith(" completed\n")


def test_commands_in_the_documents_are_commands_of_the_product() -> None:
    known = {command.name for command in COMMANDS}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for document in documents():
        for text in (*blocks(document, "sh"), *re.findall(r"`((?:caseloom|make) [^`\n]+)`", document.read_text())):
            used = set(re.findall(r"(?:^|\s)caseloom ([a-z-]+)", text))
            made = set(re.findall(r"(?:^|\s)make ([a-z]+)", text))
            assert used <= known, f"{document.relative_to(ROOT)}: caseloom {used - known}"
            assert made <= targets, f"{document.relative_to(ROOT)}: make {made - targets}"


def test_every_setting_stands_in_the_operators_table() -> None:
    sources = (ROOT / "src/caseloom/config").glob("*.py")
    read = {name for source in sources for name in VARIABLE.findall(source.read_text())} - NOT_SETTINGS
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", OPERATE.read_text()))
    # `CASELOOM_OIDC_URL`, `_ID` and the like share a line.
    assert sorted(name for name in read if name not in told and not name.startswith("CASELOOM_OIDC_")) == []
