"""`caseloom advice`: how good advice on the next step would have been over a log, or in a house of known truth."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.learning.steps.evaluation import Flags, Found, Log, Numbers
    from caseloom.learning.steps.simulation import Parameters, Run
    from caseloom.learning.steps.splits import Split

DAY = 86400.0


def _evaluate(options: Namespace) -> int:
    from caseloom.interchange.event_log import EventLogFaulty
    from caseloom.learning.steps.telling import service_class_of

    named = [name.strip() for name in options.attributes.split(",") if name.strip()] if options.attributes else None
    try:
        log = _read(options, named)
    except EventLogFaulty as fault:
        print(fault, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"{options.log}: {fault.strerror}", file=sys.stderr)
        return 2
    service_class = options.service_class or service_class_of(log.facts)
    if service_class and service_class not in log.facts:
        print(f"caseloom advice: “{service_class}” is none of the attributes ({_listed(log)}).", file=sys.stderr)
        return 2
    _report(log, options.split, service_class, options.lightgbm)
    return 0


def _read(options: Namespace, named: list[str] | None) -> "Log":
    """The log in time order. Raises EventLogFaulty, OSError."""
    from caseloom.interchange.event_log import Columns, EventLogFaulty, read_event_log
    from caseloom.learning.steps.evaluation import in_time_order
    from caseloom.learning.steps.learner import FACTS_AT_MOST
    from caseloom.learning.steps.telling import telling_attributes

    roles = (options.case, options.activity, options.time, options.resource)
    columns = Columns(*roles, options.lifecycle, options.zone, options.time_format)
    file = str(options.log)
    with options.log.open("rb") as stream:
        events = list(read_event_log(stream, file, columns))
    if len(events) < 2:
        raise EventLogFaulty("The log has fewer than two events: there is nothing to learn from.", file)
    if named is None:
        ordered = sorted(events, key=lambda event: event.moment)
        return in_time_order(events, telling_attributes(ordered, FACTS_AT_MOST))
    if len(named) > FACTS_AT_MOST:
        raise EventLogFaulty(f"--attributes takes {FACTS_AT_MOST} at most; name those that tell most.", file)
    there = {name for event in events for name in (*event.attributes, *event.of_case)}
    for name in named:
        if name not in there:
            shown = ", ".join(sorted(there)[:30]) or "none"
            raise EventLogFaulty(f"There is no attribute “{name}”. There are {shown} (--attributes).", file)
    return in_time_order(events, named)


def _listed(log: "Log") -> str:
    return ", ".join(log.facts) or "none"


def _report(log: "Log", split: "Split", service_class: str, boosting: bool) -> None:
    from caseloom.learning.steps.evaluation import calibration_error, evaluate, first_cases, mean
    from caseloom.learning.steps.yardsticks import counter

    print(f"events: {len(log.steps)}")
    print(f"cases: {len(set(log.cases))}")
    print(f"activities: {len({step.action for step in log.steps})}")
    print(f"attributes: {_listed(log)}")
    found = evaluate(log, split, service_class)
    plain = counter(log, first_cases(log, split.share) if split.share else None)[found.asked]
    accuracy, of_counter = mean(found.right), mean(plain)
    print(f"events asked about: {len(found.right)}")
    print(f"next activity accuracy: {accuracy:.4f}")
    print(f"next activity top 3: {mean(found.among):.4f}")
    print(f"next activity calibration error: {calibration_error(found.right, found.sure):.4f}")
    print(f"next activity accuracy of the counter: {of_counter:.4f}")
    if of_counter:
        print(f"next activity accuracy to the counter ratio: {accuracy / of_counter:.4f}")
    if not split.share:
        _online(log, found, plain, boosting)
    _times(found, service_class)
    print(f"time per event: {found.seconds * 1000:.3f} ms")


def _online(log: "Log", found: "Found", plain: "Flags", boosting: bool) -> None:
    from caseloom.learning.steps.evaluation import EARLY, LAST_PART, mean
    from caseloom.learning.steps.yardsticks import has_lightgbm, lightgbm

    cut, which = int(LAST_PART * len(log.steps)), f"events {EARLY[0] + 1} to {EARLY[1]}"
    if len(found.right) > EARLY[0]:
        early = mean(found.right[EARLY[0] : EARLY[1]])
        print(f"next activity accuracy, {which}: {early:.4f}")
        print(f"next activity accuracy, {which} ratio: {early / max(mean(found.right), 1e-9):.4f}")
    ours = mean(found.right[cut:])
    print(f"next activity accuracy, last 20 %: {ours:.4f}")
    print(f"next activity accuracy of the counter, last 20 %: {mean(plain[cut:]):.4f}")
    if not boosting:
        return
    if not has_lightgbm():
        print("LightGBM: skipped, it is not installed (pip install 'caseloom[dev]')", file=sys.stderr)
        return
    of_lightgbm = mean(lightgbm(log))
    print(f"next activity accuracy of LightGBM, last 20 %: {of_lightgbm:.4f}")
    if of_lightgbm:
        print(f"next activity accuracy to LightGBM ratio: {ours / of_lightgbm:.4f}")


def _times(found: "Found", service_class: str) -> None:
    from caseloom.learning.steps.evaluation import mean

    if not len(found.took):
        print("remaining time: no case ended before another was asked about", file=sys.stderr)
        return

    def error(said: "Numbers") -> float:
        return mean(abs(said - found.took)) / DAY

    ours, of_class = error(found.said), error(found.of_class)
    print(f"remaining time error: {ours:.3f} days")
    print(f"remaining time error of the plain median of {service_class or 'all cases'}: {of_class:.3f} days")
    print(f"remaining time error of the plain median: {error(found.of_all):.3f} days")
    if of_class:
        print(f"remaining time error ratio: {ours / of_class:.4f}")
    print(f"remaining time in the 80 % interval: {mean(found.inside):.4f}")


def _simulate(options: Namespace) -> int:
    from caseloom.learning.steps.simulation import DEFAULT, ParametersFaulty, parameters_of, run

    file = options.parameters or DEFAULT
    try:
        parameters = parameters_of(file.read_text(encoding="utf-8"))
    except ParametersFaulty as fault:
        print(f"{file}: {fault}", file=sys.stderr)
        return 2
    except (OSError, UnicodeDecodeError) as fault:
        print(f"{file}: {fault}", file=sys.stderr)
        return 2
    _told(parameters, [run(parameters, options.seed + number) for number in range(options.runs)])
    return 0


def _told(parameters: "Parameters", runs: "list[Run]") -> None:
    def share(values: "list[float]") -> float:
        return 100.0 * sum(values) / len(values)

    print(f"runs: {len(runs)}")
    print(f"choices learned from: {parameters.logged}")
    habit, ours = share([one.reached_by_habit for one in runs]), share([one.reached for one in runs])
    print(f"goals reached by imitation: {habit:.1f} %")
    print(f"goals reached: {ours:.1f} %")
    print(f"goals reached gain: {ours - habit:.1f} points")
    habit, ours = share([one.satisfied_by_habit for one in runs]), share([one.satisfied for one in runs])
    print(f"satisfaction by imitation: {habit:.1f} %")
    print(f"satisfaction: {ours:.1f} %")
    print(f"satisfaction gain: {ours - habit:.1f} points")
    if len(runs) == 1:
        for what, said, truth in (
            ("goals reached", runs[0].goal, runs[0].true_goal),
            ("satisfaction", runs[0].rating, runs[0].true_rating),
        ):
            print(f"{what}, own estimate: {100 * said.mean:.1f} %, {100 * said.low:.1f} to {100 * said.high:.1f}")
            print(f"{what}, truth: {100 * truth:.1f} %")
        return
    goal = share([float(one.goal.low <= one.true_goal <= one.goal.high) for one in runs])
    rating = share([float(one.rating.low <= one.true_rating <= one.rating.high) for one in runs])
    print(f"95 % intervals that cover the truth, goals reached: {goal:.1f} %")
    print(f"95 % intervals that cover the truth, satisfaction: {rating:.1f} %")
    print(f"95 % intervals that cover the truth: {(goal + rating) / 2:.1f} %")


def split_of(text: str) -> "Split":
    """`online`, `tax`, or `chronological:` and the share that is learned from."""
    from caseloom.learning.steps.splits import Split

    if text == "online":
        return Split()
    if text == "tax":
        return Split(share=2 / 3, prefix=2)
    kind, _, share = text.partition(":")
    try:
        found = float(share or "0.8")
    except ValueError:
        found = 0.0
    if kind != "chronological" or not 0.0 < found < 1.0:
        raise ArgumentTypeError(f"“{text}” is none of online, tax, and chronological:0.8 (a share between 0 and 1)")
    return Split(share=found)


def _evaluate_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--log", type=Path, required=True, help="an event log: CSV, XES or OCEL 2.0, also .gz")
    add("--case", default="", help="the column of the case (XES: attribute of the trace; OCEL: type of objects)")
    add("--activity", default="", help="the column of the activity")
    add("--time", default="", help="the column of the moment")
    add("--resource", default="", help="the column of who did it")
    add("--split", type=split_of, default="online", help="online (default), chronological:0.8 or tax")
    add("--attributes", default="", help="these columns tell the next step, comma-separated (otherwise found by rule)")
    add("--service-class", default="", help="the attribute by which the plain median is told apart")
    add("--lifecycle", action="store_true", help="join the transition of the lifecycle to the activity")
    add("--zone", default="UTC", help="the time zone of times that name none (%(default)s)")
    add("--time-format", default="", help="how moments are written, as for strptime")
    add("--no-lightgbm", dest="lightgbm", action="store_false", help="leave that yardstick out")


def _runs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise ArgumentTypeError(f"“{text}” is no number from 1 to 10000")
    return int(text)


def _simulate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first run, each further one has the next (%(default)s)"
    )
    parser.add_argument(
        "--parameters", type=Path, default=None, help="a YAML or JSON file; without it, the one we ship"
    )
    parser.add_argument("--runs", type=_runs, default=1, help="how many houses are drawn (%(default)s)")


def _run(options: Namespace) -> int:
    return int(options.part(options))


def _arguments(parser: ArgumentParser) -> None:
    parts = parser.add_subparsers(required=True)
    evaluates = parts.add_parser("evaluate", help="the next step, over an event log: test, then learn")
    _evaluate_arguments(evaluates)
    evaluates.set_defaults(part=_evaluate)
    simulates = parts.add_parser("simulate", help="seek good ends beside imitation, in a house whose truth is known")
    _simulate_arguments(simulates)
    simulates.set_defaults(part=_simulate)


COMMANDS = (Command("advice", "the next step: how good the advice is, over a log", _run, _arguments),)
