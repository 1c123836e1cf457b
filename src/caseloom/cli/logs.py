"""`caseloom import-log`: an old system's event log becomes history that the advice learns from."""

import csv
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.learning.imported import Row

SHOWN = 15


def _import(options: Namespace) -> int:
    if options.list:
        return _list()
    if options.forget:
        return _forget(options.forget)
    if options.log is None or not options.service_goal:
        print("caseloom import-log: name the log, and with --service-goal what its cases were about.", file=sys.stderr)
        return 2
    return _bring(options)


def _bring(options: Namespace) -> int:
    from caseloom.interchange.event_log import Columns, EventLogFaulty, read_event_log
    from caseloom.learning.case_steps import CHANNEL, telling_facts
    from caseloom.learning.imported import actions_of, keep, rows_of
    from caseloom.library.plans import house_version, latest, the_plans

    version = latest(options.service_goal)
    if not version:
        print(f"There is no service goal “{options.service_goal}”. Publish it first.", file=sys.stderr)
        return 2
    plan = the_plans(options.service_goal, version, house_version())
    columns = Columns(options.case, options.activity, options.time, options.resource, options.lifecycle, options.zone)
    try:
        named = _named(options.actions) if options.actions else {}
        with options.log.open("rb") as stream:
            events = read_event_log(stream, str(options.log), columns)
            rows = rows_of(events, actions_of(plan), (CHANNEL, *telling_facts(plan)), named)
        _tell(rows)
        if options.dry_run or not rows:
            return 0 if rows else 2
        kept = keep(options.name or options.log.name, options.service_goal, rows)
    except (EventLogFaulty, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}", file=sys.stderr)
        return 2
    print(f"kept as “{kept.name}”: the learner learns from it within a moment.")
    return 0


def _named(file: Path) -> dict[str, str]:
    """Activity → action, from a CSV file of two columns. Raises `ValueError` for a line that is none."""
    found = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, line in enumerate(csv.reader(stream), 1):
            if len(line) != 2 or not all(part.strip() for part in line):
                raise ValueError(f"{file}:{number}: two columns are expected: the activity, and the action it is here.")
            found[line[0]] = line[1].strip()
    return found


def _tell(rows: "list[Row]") -> None:
    from caseloom.learning.imported import UNKNOWN

    print(f"events: {len(rows)}")
    print(f"cases: {len({row.case for row in rows})}")
    unknown = Counter(row.action for row in rows if row.action.startswith(UNKNOWN))
    print(f"events that can be done here: {len(rows) - sum(unknown.values())}")
    for action, count in unknown.most_common(SHOWN):
        print(f"  {action.removeprefix(UNKNOWN)}: {count} times, no task, way or letter here (--actions names one)")


def _list() -> int:
    from caseloom.learning.models import ImportedLog

    for log in ImportedLog.objects.order_by("id"):
        print(f"{log.name}: {log.service_goal}, {log.cases} cases, {log.events} events, {log.state}")
    return 0


def _forget(name: str) -> int:
    from caseloom.learning.imported import forget

    if not forget(name):
        print(f"There is no imported log “{name}”. `caseloom import-log --list` names them.", file=sys.stderr)
        return 2
    print("The learner takes back what it taught.")
    return 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("log", type=Path, nargs="?", help="CSV, XES or OCEL 2.0, also with .gz")
    parser.add_argument("--service-goal", default="", help="what its cases were about")
    parser.add_argument("--name", default="", help="under which it is kept (the name of the file)")
    parser.add_argument("--actions", type=Path, help="CSV: activity, action (`complete KEY`, `choose KEY`, `send KEY`)")
    parser.add_argument("--case", default="", help="column of the case")
    parser.add_argument("--activity", default="", help="column of the activity")
    parser.add_argument("--time", default="", help="column of the time")
    parser.add_argument("--resource", default="", help="column of who did it")
    parser.add_argument("--lifecycle", action="store_true", help="join the transition of the lifecycle to the activity")
    parser.add_argument("--zone", default="UTC", help="zone of times that name none (%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would come of it")
    parser.add_argument("--list", action="store_true", help="the logs that were imported")
    parser.add_argument("--forget", metavar="NAME", help="take back what a log taught, and drop it")


COMMANDS = (
    Command(
        "import-log", "learn from an old system's event log (CSV, XES, OCEL 2.0)", _import, _arguments, needs="django"
    ),
)
