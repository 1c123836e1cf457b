"""`caseloom replay`, `erase` and `golden`: what the events tell, kept true and kept private."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from caseloom.cli.command import Command

SHOWN = 10


def _replay_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", required=True, help="every stream of every kind")
    parser.add_argument("--processes", type=int, default=2, help="how many at a time (%(default)s)")


def _replay(options: Namespace) -> int:
    from caseloom.cli.replaying import replay_all

    result = replay_all(options.processes, lambda line: print(line, file=sys.stderr))
    print(f"streams: {result.streams}")
    print(f"events: {result.events}")
    print(f"differences: {len(result.differences)}")
    for one in result.differences[:SHOWN]:
        print(f"  stream {one.stream}, {one.place}: it is {one.live[:200]}, the events say {one.rebuilt[:200]}")
    return 1 if result.differences else 0


def _erase_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("customer", help="the customer: an id, or a mail address, phone or customer number")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _erase(options: Namespace) -> int:
    from caseloom.cli.erasing import NoSuchCustomer, erase, find_customer

    try:
        customer = find_customer(options.customer)
    except NoSuchCustomer as fault:
        print(fault, file=sys.stderr)
        return 1
    if not options.yes and input("This cannot be undone. Type the word erase: ").strip() != "erase":
        print("Nothing was erased.")
        return 1
    print(f"customer {customer} is erased; {erase(customer)} streams were rebuilt")
    return 0


def _golden_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["record"])
    parser.add_argument("folder", type=Path, help="tests/golden/RELEASE")
    parser.add_argument("--each", type=int, default=2, help="cases of each service goal (%(default)s)")


def _golden(options: Namespace) -> int:
    from caseloom.cli.golden import record

    for file in record(options.folder, options.each):
        print(file)
    return 0


COMMANDS = (
    Command("replay", "rebuild everything from the events, and compare", _replay, _replay_arguments, needs="database"),
    Command("erase", "forget a customer for ever", _erase, _erase_arguments, needs="database"),
    Command(
        "golden", "record histories that every later release must replay", _golden, _golden_arguments, needs="database"
    ),
)
