"""`caseloom rules`: sentences read, completed, and tried on past cases."""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.cases.trial import Candidate, Tried

SHOWN = 20


def _try(options: Namespace) -> int:
    from caseloom.cases.trial import past_cases, try_rules
    from caseloom.engine.rules.fault import DefinitionFaulty
    from caseloom.interchange.yaml_text import TextFaulty
    from caseloom.sdk.access import program

    began = time.perf_counter()
    try:
        candidate = candidate_of(options.file.read_text(encoding="utf-8"), options.service_goal)
        cases = past_cases(program("cli"), candidate.key, options.cases)
        if not cases:
            _read(candidate)
        say = (lambda done: print(f"{done} of {len(cases)} cases", file=sys.stderr)) if len(cases) > SHOWN else _quiet
        tried = list(try_rules(candidate, cases, say))
    except OSError as fault:
        print(f"{options.file}: {fault.strerror}", file=sys.stderr)
        return 2
    except TextFaulty as fault:
        print("\n".join(f"{options.file}:{place.line}: {place.message}" for place in fault.places), file=sys.stderr)
        return 1
    except DefinitionFaulty as fault:
        print("\n".join(f"{options.file}: {one.message}" for one in fault.faults), file=sys.stderr)
        return 1
    except KeyError:
        print(f"There is no service goal “{options.service_goal}”, and no case of it.", file=sys.stderr)
        return 2
    _report(tried, len(cases), time.perf_counter() - began, options.all)
    return 0


def _read(candidate: "Candidate") -> None:
    """Read the sentences where there is no case to try them on.

    Raises:
        DefinitionFaulty: one of them cannot be read.
        KeyError: there is no such service goal.
    """
    from caseloom.library.plans import house_version, latest, the_plans

    key = candidate.key if candidate.definition is None else ""
    candidate.plan(the_plans(key, latest(key) if key else 0, house_version()))


def _quiet(done: int) -> None:
    """A few cases need no progress."""


def candidate_of(text: str, service_goal: str = "") -> "Candidate":
    """What a file holds: a definition (YAML), or plain sentences, one a line, with `#` before a remark.

    Raises:
        TextFaulty: the definition cannot be read.
    """
    from caseloom.cases.trial import Candidate
    from caseloom.library.publishing import read_definition

    first = text.lstrip().partition("\n")[0]
    if first.startswith(("service goal:", "house rules:")):
        return Candidate(definition=read_definition(text))
    lines = (line.strip() for line in text.splitlines())
    return Candidate(tuple(line for line in lines if line and not line.startswith("#")), service_goal)


def _report(tried: "list[Tried]", cases: int, seconds: float, everything: bool) -> None:
    counts: dict[tuple[str, str], list[int]] = {}
    for one in tried:
        for outcome, rule in dict.fromkeys((found.outcome, found.rule) for found in one.findings):
            counts.setdefault((rule, outcome), []).append(one.case)
    for (rule, what), which in sorted(counts.items()):
        print(rule)
        shown = which if everything else which[:SHOWN]
        more = "" if len(shown) == len(which) else " …"
        print(f"  {what} in {len(which)} of {cases} cases: {', '.join(map(str, shown))}{more}")
    print(f"rules try cases: {cases} cases")
    print(f"rules try cases touched: {len(tried)} cases")
    print(f"rules try time: {seconds:.1f} s")


def _switch(options: Namespace) -> int:
    from caseloom.cases.switching import running_cases, switch, try_switch
    from caseloom.library.plans import house_version
    from caseloom.sdk.access import program

    version = house_version()
    cases = running_cases(version)
    verdicts = list((switch if options.now else try_switch)(program("cli"), cases, version))
    refused = [verdict for verdict in verdicts if verdict.refused is not None]
    for verdict in refused:
        print(f"case {verdict.case}: {verdict.refused.message if verdict.refused else ''}")
    done = "brought over" if options.now else "would go over"
    print(
        f"{len(verdicts) - len(refused)} of {len(cases)} running cases {done} to version {version} of the house rules"
    )
    if not options.now and cases:
        print("Nothing has happened yet; add --now to do it.")
    return 0


def _try_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a definition (YAML), or sentences, one a line")
    parser.add_argument("--service-goal", default="", help="whose words the sentences use; without it, the house's")
    parser.add_argument("--cases", type=int, default=None, help="the newest so many cases (all)")
    parser.add_argument("--all", action="store_true", help="list every case, not the first few alone")


def _run(options: Namespace) -> int:
    return int(options.part(options))


def _arguments(parser: ArgumentParser) -> None:
    parts = parser.add_subparsers(required=True)
    tries = parts.add_parser("try", help="try rules on past cases: what they would have refused or done")
    _try_arguments(tries)
    tries.set_defaults(part=_try)
    switches = parts.add_parser("switch", help="bring running cases under the house rules in force; tried first")
    switches.add_argument("--now", action="store_true", help="do it, and not only say what would come of it")
    switches.set_defaults(part=_switch)


COMMANDS = (Command("rules", "rules in plain sentences: try them on past cases", _run, _arguments, needs="database"),)
