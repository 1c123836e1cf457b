"""`caseloom bpmn`: processes in BPMN 2.0, read, looked over and written back."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.cli.bpmn_run import Ran
    from caseloom.engine.spec.flow import FlowModel
    from caseloom.interchange.bpmn_reader import BpmnFile
    from caseloom.interchange.bpmn_source import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: what was read of it, or why it was not; what was found; where it differs when written back."""

    path: Path
    file: "BpmnFile | None"
    fault: str = ""
    findings: "tuple[Finding, ...]" = ()
    difference: str | None = None
    runs: "tuple[Ran, ...]" = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of a file; `words` are printed, and a file fails where it is not `ok`."""

    ok: bool
    words: str


Check = Callable[[Checked], Verdict]


def _reading(checked: Checked) -> Verdict:
    return Verdict(checked.file is not None, "read" if checked.file else checked.fault)


def _findings(checked: Checked) -> Verdict:
    counts = Counter(finding.effect for finding in checked.findings)
    told = ", ".join(f"{count} {effect}" for effect, count in sorted(counts.items()))
    return Verdict(True, f"findings: {told or 'none'}")


def _round_trip(checked: Checked) -> Verdict:
    if checked.file is None:
        return Verdict(True, "")
    same = checked.difference is None
    return Verdict(same, "written back the same" if same else f"written back otherwise: {checked.difference}")


def _running(checked: Checked) -> Verdict:
    """What became of the executable processes, published and run from start to end."""
    bad = [f"{ran.process}: {ran.fault or ran.stuck}" for ran in checked.runs if not ran.ok]
    good = sum(ran.ok for ran in checked.runs)
    words = [f"{good} of {len(checked.runs)} executable ran to an end"] if checked.runs else []
    return Verdict(not bad, "; ".join([*words, *(" ".join(one.split()) for one in bad)]))


CHECKS: tuple[Check, ...] = (_reading, _findings, _round_trip, _running)
"""What is said of each file, in this order."""


def files_below(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those ending in `.bpmn` or `.bpmn20.xml` below the folders named."""
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.rglob("*.bpmn"), *path.rglob("*.bpmn20.xml")]) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def check_files(paths: Iterable[Path], run: bool = True) -> list[Checked]:
    """Every file, read and written back, with the findings of the reader and of the lint; its executable processes run
    by a driver, if that is wanted.

    A call activity may name a process of any of the files.
    """
    from caseloom.cli.bpmn_run import run_all
    from caseloom.interchange.bpmn_lint import lint

    checked = [_checked(path) for path in files_below(paths)]
    known = {key for one in checked if one.file for key in one.file.model.processes}
    return [
        replace(
            one,
            findings=tuple(_sorted([*one.findings, *lint(one.file.model, one.file.lines, known)])),
            runs=tuple(run_all(one.file.model)) if run else (),
        )
        if one.file
        else one
        for one in checked
    ]


def _sorted(findings: "list[Finding]") -> "list[Finding]":
    return sorted(findings, key=lambda one: (one.line, one.message))


def _checked(path: Path) -> Checked:
    from caseloom.interchange.bpmn_reader import read_bpmn
    from caseloom.interchange.bpmn_same import first_difference
    from caseloom.interchange.bpmn_source import BpmnFault
    from caseloom.interchange.bpmn_writer import write_bpmn

    try:
        data = path.read_bytes()
        file = read_bpmn(data)
    except (BpmnFault, OSError) as fault:
        return Checked(path, None, fault=str(fault))
    try:
        difference = first_difference(data, write_bpmn(file.model, data))
    except BpmnFault as fault:
        difference = str(fault)
    return Checked(path, file, findings=file.findings, difference=difference)


# -- what is printed -------------------------------------------------------------------------------------------


def _check(options: Namespace) -> int:
    checked = check_files(options.paths, not options.read_only)
    if not checked:
        print("caseloom bpmn check: no .bpmn file was found", file=sys.stderr)
        return 2
    failed = 0
    for one in checked:
        verdicts = [check(one) for check in CHECKS]
        failed += not all(verdict.ok for verdict in verdicts)
        print(f"{one.path}: {'; '.join(verdict.words for verdict in verdicts if verdict.words)}")
        if options.findings:
            for finding in one.findings:
                print(f"{one.path}:{finding.line}: {finding}")
    for line in summary(checked):
        print(line)
    print(f"{sum(one.file is not None for one in checked)} read, {failed} failed")
    return 1 if failed else 0


def summary(checked: Sequence[Checked]) -> Iterator[str]:
    """The table of elements with their coverage, then the totals."""
    files = [one.file for one in checked if one.file]
    yield from _coverage(files)
    effects = Counter(finding.effect for one in checked for finding in one.findings)
    yield "findings: " + (", ".join(f"{count} {effect}" for effect, count in sorted(effects.items())) or "none")
    feel, translated, untranslated = (
        sum(getattr(file.counts, name) for file in files) for name in ("feel", "translated", "untranslated")
    )
    yield f"expressions: {feel} FEEL, {translated} translated to FEEL, {untranslated} not translatable"
    processes = [process for file in files for process in file.model.processes.values()]
    yield f"processes: {len(processes)}, executable {sum(process.executable for process in processes)}"
    same = sum(one.difference is None for one in checked if one.file)
    yield f"written back the same: {same} of {len(files)}"
    yield from _entered([(one.file.model, ran) for one in checked if one.file for ran in one.runs])


def _entered(runs: "Sequence[tuple[FlowModel, Ran]]") -> Iterator[str]:
    """The elements of the executable processes that had an effect in a run, by kind, and how many processes ended."""
    if not runs:
        return
    total: Counter[str] = Counter()
    run: Counter[str] = Counter()
    for model, ran in runs:
        for element in model.processes[ran.process].elements.values():
            total[element.kind] += 1
            run[element.kind] += element.id in ran.entered
    width = max(map(len, total), default=0)
    yield f"{'executable element':{width}}  {'in files':>8}  {'run':>8}"
    for name in sorted(total):
        yield f"{name:{width}}  {total[name]:8}  {run[name]:8}"
    whole = sum(total.values())
    yield f"elements run: {sum(run.values())} of {whole} ({100 * sum(run.values()) / max(whole, 1):.1f} %)"
    ended = sum(ran.ok for _, ran in runs)
    yield f"{ended} of {len(runs)} executable ran to an end ({100 * ended / len(runs):.1f} %)"


def _coverage(files: "Sequence[BpmnFile]") -> Iterator[str]:
    total: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    for file in files:
        for name, (count, meaning) in file.coverage.items():
            total[name] += count
            meant[name] += meaning
    width = max(map(len, total), default=0)
    yield f"{'element':{width}}  {'in files':>8}  {'has meaning':>11}"
    for name in sorted(total):
        yield f"{name:{width}}  {total[name]:8}  {meant[name]:11}"


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="read files, say what cannot run, write them back, run them to an end")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of .bpmn files")
    check.add_argument("--findings", action="store_true", help="print each finding with its line")
    check.add_argument("--read-only", action="store_true", help="do not run the executable processes")
    check.set_defaults(run=_check)


def _run(options: Namespace) -> int:
    status: int = options.run(options)
    return status


COMMANDS = (Command("bpmn", "read and check processes in BPMN", _run, _arguments),)
