"""`caseloom cmmn`: case models in CMMN: looked over and lived through, read as service goals, written from them."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.engine.rules.plan import Plan
    from caseloom.interchange.cmmn_reader import CmmnCase, CmmnFile

LIVES = 12
"""Lives of each case, each by a seed of its own. All have to end; what has an effect in any of them counts."""


@dataclass(slots=True)
class Checked:
    """What the check of one file came to. `why_not` says why it is not executable, `stuck` why a life did not end."""

    file: Path
    fault: str = ""
    why_not: str = ""
    stuck: str = ""
    by_hand: bool = False
    findings: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    round_trip: str = ""
    effects: Counter[tuple[str, bool]] = field(default_factory=Counter)
    lives: int = 0


def check_file(file: Path, lives: int = LIVES) -> Checked:
    """Read one file, run its cases, and compare it with what is written back."""
    from caseloom.interchange.cmmn_reader import read_cmmn
    from caseloom.interchange.cmmn_source import CmmnFault

    checked = Checked(file)
    try:
        found = read_cmmn(file.read_bytes())
        checked.round_trip = _round_trip(found)
    except (CmmnFault, OSError) as fault:
        checked.fault = str(fault)
        return checked
    reasons = [_why_not(case) for case in found.cases] or ["it holds no case with a plan"]
    checked.findings = [str(one) for case in found.cases for one in case.findings]
    checked.why_not = "; ".join(reasons) if all(reasons) else ""
    for case, reason in zip(found.cases, reasons, strict=False):
        if not reason:
            _run(case, checked, lives)
    return checked


def _why_not(case: "CmmnCase") -> str:
    """Why a case cannot be run at all, by the standard; empty where it can."""
    if case.invalid:
        return f"it is no valid CMMN: {case.invalid[0]}"
    plan = next(stage for stage in case.goal.stages.values() if stage.case_plan)
    if not plan.tasks and not plan.discretionary:
        return f"the plan of {case.id!r} is empty"
    return ""


def _run(case: "CmmnCase", checked: Checked, lives: int) -> None:
    from caseloom.engine.rules.fault import DefinitionFaulty
    from caseloom.interchange.cmmn_coverage import coverage
    from caseloom.interchange.cmmn_run import live

    try:
        plan = plan_of(case)
    except DefinitionFaulty as faulty:
        checked.stuck = checked.stuck or f"{case.id}: it does not compile: {faulty}"
        return
    whole = None
    for seed in range(1, lives + 1):
        life = live(plan, seed)
        checked.lives += 1
        checked.by_hand = checked.by_hand or life.by_hand
        if not life.ended:
            checked.stuck = checked.stuck or f"{case.id}, seed {seed}: {life.stuck}"
        if whole is None:
            whole = life
        else:
            whole.add(life)
    if whole is not None:
        for one in coverage(case, whole):
            checked.effects[one.name, one.had_effect] += 1
            if not one.had_effect:
                checked.idle.append(f"line {one.line}: <{one.name}> {one.id}: it had no effect in any life")


def plan_of(case: "CmmnCase") -> "Plan":
    """The plan of a case under house rules that know its roles. Raises `DefinitionFaulty`."""
    from caseloom.engine.rules.compiler import compile_plan
    from caseloom.engine.spec.service_goal import HouseRules

    return compile_plan(case.goal, HouseRules(house_rules="cmmn", title="CMMN", roles=case.roles))


def _round_trip(found: "CmmnFile") -> str:
    """What a file loses when it is read, written and read again; empty for nothing.

    Twice: into its own tree, and each case from its definition alone into a new file.
    """
    from caseloom.interchange.cmmn_reader import read_cmmn
    from caseloom.interchange.cmmn_writer import canonical, write_back, write_cmmn

    written = write_back(found)
    if canonical(written) != canonical(found.data):
        return "the tree that is written back differs"
    if [case.goal for case in read_cmmn(written).cases] != [case.goal for case in found.cases]:
        return "the definitions that are read back differ"
    for case in found.cases:
        if read_cmmn(write_cmmn(case.goal)).cases[0].goal != case.goal:
            return f"{case.id!r} written as a file of its own reads otherwise"
    return ""


def files_below(folders: Sequence[Path]) -> Iterator[Path]:
    """The CMMN files in these folders, or the files themselves."""
    for folder in folders:
        if folder.is_file():
            yield folder
            continue
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".cmmn", ".xml") and b"/CMMN/" in file.read_bytes():
                yield file


def _check(options: Namespace) -> int:
    results = []
    for file in files_below(options.folders):
        results.append(check_file(file, options.lives))
        _tell(results[-1], options.findings)
    if not results:
        print("caseloom cmmn check: no CMMN file was found", file=sys.stderr)
        return 2
    _print_coverage(results)
    return _sum(results)


def _tell(one: Checked, findings: bool) -> None:
    name = one.file.name
    if one.fault:
        print(f"{name}: not read: {one.fault}")
    elif one.why_not:
        print(f"{name}: not executable: {one.why_not}")
    elif one.stuck:
        print(f"{name}: did not end: {one.stuck}")
    if one.round_trip:
        print(f"{name}: {one.round_trip}")
    for finding in [*one.findings, *(one.idle if findings else ())]:
        if findings or "[cannot run]" in finding:
            print(f"{name}: {finding}")


def _print_coverage(results: list[Checked]) -> None:
    effects = sum((one.effects for one in results), Counter[tuple[str, bool]]())
    names = sorted({name for name, _ in effects})
    print("elements with an effect (all others count as not run):")
    for name in names:
        with_effect, without = effects[name, True], effects[name, False]
        print(f"  {name:22} {with_effect:5} of {with_effect + without:5}")
    with_effect = sum(number for (_, had), number in effects.items() if had)
    print(f"  {'all':22} {with_effect:5} of {effects.total():5} ({with_effect / max(effects.total(), 1):.1%})")


def _sum(results: list[Checked]) -> int:
    failed = [one for one in results if one.fault]
    executable = [one for one in results if not one.fault and not one.why_not]
    ended = [one for one in executable if not one.stuck]
    lost = [one for one in results if one.round_trip]
    by_hand = sum(one.by_hand for one in ended)
    print(f"{sum(one.lives for one in results)} lives; {by_hand} files repeat without end and were ended by hand")
    print(f"round trip: {len(results) - len(failed) - len(lost)} kept, {len(lost)} lost something")
    print(f"{len(results) - len(failed)} read, {len(failed)} failed")
    share = len(ended) / max(len(executable), 1)
    print(f"{len(ended)} of {len(executable)} executable ran to an end ({share:.1%})")
    return 1 if failed or lost or len(ended) < len(executable) else 0


# -- a service goal in and out ---------------------------------------------------------------------------------


def _read(options: Namespace) -> int:
    import msgspec
    import yaml

    from caseloom.interchange.cmmn_reader import read_cmmn
    from caseloom.interchange.cmmn_source import CmmnFault

    try:
        found = read_cmmn(options.file.read_bytes(), options.owner, options.team)
    except (CmmnFault, OSError) as fault:
        print(f"{options.file}: {fault}", file=sys.stderr)
        return 2
    for case in found.cases:
        for finding in case.findings:
            print(f"{options.file.name}: {finding}", file=sys.stderr)
        plain = _without_defaults(msgspec.to_builtins(case.goal))
        print(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), end="")
        print("---" if case is not found.cases[-1] else "", end="\n" if case is not found.cases[-1] else "")
    return 0


def _without_defaults(value: object) -> object:
    """A definition without the parts that say nothing."""
    if isinstance(value, dict):
        inside = {name: _without_defaults(part) for name, part in value.items()}
        return {name: part for name, part in inside.items() if part not in (None, "", [], False)}
    if isinstance(value, list | tuple):
        return [_without_defaults(part) for part in value]
    return value


def _write(options: Namespace) -> int:
    from caseloom.interchange.cmmn_writer import write_cmmn
    from caseloom.interchange.yaml_text import TextFaulty, read_service_goal

    try:
        goal = read_service_goal(options.file.read_text(encoding="utf-8"))
    except (TextFaulty, OSError, UnicodeDecodeError) as fault:
        print(f"{options.file}: {fault}", file=sys.stderr)
        return 2
    sys.stdout.write(write_cmmn(goal).decode())
    return 0


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="read each file, run its cases to an end, and write it back")
    check.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folders (or files) of case models")
    check.add_argument("--lives", type=int, default=LIVES, metavar="N", help=f"lives of each case ({LIVES})")
    check.add_argument("--findings", action="store_true", help="print also what is changed or had no effect")
    check.set_defaults(run=_check)
    read = actions.add_parser("read", help="print the cases of a file as service goals; findings on stderr")
    read.add_argument("file", type=Path, metavar="FILE")
    read.add_argument("--owner", default="process owner", metavar="ROLE", help="the process owner")
    read.add_argument("--team", default="service", metavar="TEAM", help="the team that new cases come to")
    read.set_defaults(run=_read)
    write = actions.add_parser("write", help="print a service goal as CMMN")
    write.add_argument("file", type=Path, metavar="YAML")
    write.set_defaults(run=_write)


def _command(options: Namespace) -> int:
    status: int = options.run(options)
    return status


COMMANDS = (Command("cmmn", "check, read and write case models in CMMN", _command, _arguments),)
