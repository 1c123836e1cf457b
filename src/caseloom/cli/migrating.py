"""`caseloom cases migrate`: running cases brought to another version of their service goal, tried first, and back."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.cases.migration import Mapping


def read_plan(file: Path | None) -> "Mapping":
    """The plan of a migration: YAML with `goals`, `items` and `elements`, each old key: new key (empty: it ends).

    Raises:
        ValueError: the file is no such plan; the text says what is wrong.
    """
    import msgspec
    import yaml

    from caseloom.cases.migration import Mapping

    if file is None:
        return Mapping()
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return msgspec.convert(given, Mapping)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as fault:
        raise ValueError(f"{file}: {fault}") from None


def _migrate(options: Namespace) -> int:
    from caseloom.cases.migration import migrate, revert, running_cases, try_migration
    from caseloom.library.plans import latest
    from caseloom.sdk.access import program

    version = options.to or latest(options.key)
    if not version:
        print(f"caseloom cases migrate: the library offers no service goal “{options.key}”", file=sys.stderr)
        return 2
    try:
        plan = read_plan(options.plan)
    except ValueError as fault:
        print(f"caseloom cases migrate: {fault}", file=sys.stderr)
        return 2
    access, began = program("migration"), time.perf_counter()
    if options.back:
        cases = running_cases(options.key, 0, version)
        verdicts = list(revert(access, cases))
    else:
        cases = running_cases(options.key, version)
        verdicts = list((migrate if options.now else try_migration)(access, cases, version, plan))
    refused = [verdict for verdict in verdicts if verdict.refused is not None]
    for verdict in refused:
        print(f"case {verdict.case}: {verdict.refused.message if verdict.refused else ''}")
    for says, count in Counter(verdict.says for verdict in verdicts if verdict.refused is None).most_common():
        print(f"{count} cases: {says}")
    done = "went back from" if options.back else "were brought to" if options.now else "would go over to"
    print(f"{len(verdicts) - len(refused)} of {len(cases)} running cases {done} version {version} of “{options.key}”")
    print(f"cases migrate time: {time.perf_counter() - began:.1f} s")
    if not (options.now or options.back) and cases:
        print("Nothing has happened yet; add --now to do it.")
    return 1 if refused else 0


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("migrate", help="bring running cases to another version of their service goal")
    action.add_argument("key", help="the service goal")
    action.add_argument("--to", type=int, default=0, metavar="VERSION", help="without it, the latest")
    action.add_argument("--plan", type=Path, metavar="FILE", help="what takes the place of what, in YAML")
    how = action.add_mutually_exclusive_group()
    how.add_argument("--now", action="store_true", help="do it, and not only say what would come of it")
    how.add_argument("--back", action="store_true", help="bring cases of this version back to where they came from")
    action.set_defaults(run=_migrate)


def _run(options: Namespace) -> int:
    status: int = options.run(options)
    return status


COMMANDS = (Command("cases", "running cases, many at once", _run, _arguments, needs="database"),)
