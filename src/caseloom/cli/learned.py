"""`caseloom learned`: the versions of what was learned, and going back to an earlier one."""

import sys
from argparse import ArgumentParser, Namespace

from caseloom.cli.command import Command


def _list(options: Namespace) -> int:
    from caseloom.learning.learned import all_versions

    found = all_versions()
    for one in found:
        state = "rolled back" if one.rolled_back else "in force" if one.in_force else "earlier"
        figures = ", ".join(f"{name} {value}" for name, value in one.figures.items())
        made = one.made_at.isoformat(timespec="minutes")
        print(f"{one.name} {one.number}: {state}, made {made}" + (f" ({figures})" if figures else ""))
    if not found:
        print("Nothing was learned yet: `caseloom learner` learns from what people do.")
    return 0


def _roll_back(options: Namespace) -> int:
    from caseloom.engine.case.refusal import Refused
    from caseloom.learning.learned import roll_back
    from caseloom.sdk.access import program

    answer = roll_back(program("learned roll-back"), options.name.replace("-", " "))
    if isinstance(answer, Refused):
        print(answer.message, *(f"{step.label}." for step in answer.next), file=sys.stderr)
        return 2
    print(f"{answer.name} {answer.number} is in force.")
    return 0


def _run(options: Namespace) -> int:
    return int(options.part(options))


def _arguments(parser: ArgumentParser) -> None:
    parts = parser.add_subparsers(required=True)
    parts.add_parser("list", help="the versions that are kept").set_defaults(part=_list)
    back = parts.add_parser("roll-back", help="take back the version in force; the one before is used again")
    back.add_argument("name", help="intake, or next-step")
    back.set_defaults(part=_roll_back)


COMMANDS = (Command("learned", "what was learned: its versions, and going back", _run, _arguments, needs="django"),)
