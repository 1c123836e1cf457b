"""`caseloom dmn`: decisions in DMN: tried on test suites, run, and looked over."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.engine.decision.graph import DecisionModel
    from caseloom.engine.decision.suite import Case, Failure


def load(file: Path) -> "DecisionModel":
    """The model of a file, with those of the same folder that it imports. Raises `ModelFault` and `OSError`."""
    from caseloom.engine.decision.graph import compile_model
    from caseloom.engine.decision.model import ModelFault
    from caseloom.interchange.dmn_reader import read_dmn

    model = read_dmn(file.read_bytes())
    others = []
    if model.imports:
        for other in sorted(file.parent.glob("*.dmn")):
            try:
                others += [read_dmn(other.read_bytes())] if other != file else []
            except ModelFault:
                continue
    return compile_model(model, others)


# -- test suites -----------------------------------------------------------------------------------------------


def run_suites(folders: Sequence[Path]) -> "Iterator[tuple[Path, Case, list[Failure]]]":
    """Every test case below these folders, with what failed in it.

    A suite is an XML file whose root is `testCases`; it names a model in its own folder. Where the model cannot be
    used, all its cases fail.
    """
    from caseloom.engine.decision.model import ModelFault
    from caseloom.engine.decision.suite import Failure, failures
    from caseloom.interchange.dmn_tests import read_suite

    for file in _suite_files(folders):
        suite = read_suite(file.read_bytes())
        try:
            model = load(_model_file(file, suite.model))
        except (ModelFault, OSError) as fault:
            for case in suite.cases:
                yield file, case, [Failure(case.id, "", None, None, str(fault))]
            continue
        for case in suite.cases:
            yield file, case, failures(model, case, datetime.now(UTC))


def _suite_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        found = [folder] if folder.is_file() else sorted(folder.rglob("*.xml"))
        yield from (file for file in found if b"testCases" in file.read_bytes()[:4000])


def _model_file(suite: Path, name: str) -> Path:
    models = sorted(suite.parent.glob("*.dmn"))
    file = suite.parent / (name if name.endswith(".dmn") else f"{name}.dmn")
    if name and file.is_file():
        return file
    if len(models) == 1 and not name:
        return models[0]
    raise FileNotFoundError(f"There is no model {name!r} beside the suite. Name it in <modelName>.")


def _test(options: Namespace) -> int:
    from caseloom.interchange.hardened_xml import XmlFaulty

    passed, failed, values_passed, values = 0, 0, 0, 0
    suites: dict[Path, list[int]] = {}
    try:
        for file, case, failures in run_suites(options.folders):
            counts = suites.setdefault(file, [0, 0])
            counts[bool(failures)] += 1
            passed, failed = passed + (not failures), failed + bool(failures)
            values += case.is_value_test
            values_passed += case.is_value_test and not failures
            if options.failures:
                for failure in failures:
                    print(f"{file.parent.name}: {failure}")
    except (XmlFaulty, OSError) as fault:
        print(f"caseloom dmn test: {fault}", file=sys.stderr)
        return 2
    for file, (good, bad) in suites.items():
        if options.suites or (bad and not options.failures):
            print(f"{file.parent.name}: {good} passed, {bad} failed")
    if not passed + failed:
        print("caseloom dmn test: no test case was found", file=sys.stderr)
        return 2
    print(f"value tests: {values_passed} of {values} passed ({values_passed / max(values, 1):.2%})")
    print(f"all tests: {passed} of {passed + failed} passed ({passed / (passed + failed):.2%})")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


# -- one decision ----------------------------------------------------------------------------------------------


def _evaluate(options: Namespace) -> int:
    import msgspec

    from caseloom.engine.decision.model import DecisionService, ModelFault
    from caseloom.engine.decision.plain import PlainFault, inputs_of, to_plain
    from caseloom.engine.feel import NOW, Fault, Note

    notes: list[Note] = []
    try:
        model = load(options.model)
        given = json.loads(_json_text(options.input), parse_float=Decimal, parse_int=Decimal)
        if not isinstance(given, dict):
            raise PlainFault('The input is a JSON object, such as {"Age": 42}.')
        inputs = {NOW: datetime.now(UTC), **inputs_of(model, given)}
        service = model.named(options.decision, DecisionService)
        evaluate = model.evaluate if service is None else model.evaluate_service
        value = evaluate(options.decision, inputs, notes=notes)
    except KeyError:
        names = ", ".join(repr(node.name) for node in model.model.nodes if not isinstance(node, _input_data()))
        print(f"{options.model}: there is no decision {options.decision!r}; there are {names}.", file=sys.stderr)
        return 2
    except (ModelFault, PlainFault, OSError, ValueError) as fault:
        print(f"{options.model}: {fault}", file=sys.stderr)
        return 2
    for note in notes:
        print(note, file=sys.stderr)
    if isinstance(value, Fault):
        print(value, file=sys.stderr)
        return 1
    print(msgspec.json.Encoder(decimal_format="number").encode(to_plain(value)).decode())
    return 0


def _input_data() -> type:
    from caseloom.engine.decision.model import InputData

    return InputData


def _json_text(given: str) -> str:
    """The argument itself, the file that it names after `@`, or what comes in for `-`."""
    if given == "-":
        return sys.stdin.read()
    return Path(given[1:]).read_text(encoding="utf-8") if given.startswith("@") else given


# -- what is wrong ---------------------------------------------------------------------------------------------


def _lint(options: Namespace) -> int:
    from caseloom.engine.decision.lint import lint
    from caseloom.engine.decision.model import ModelFault

    count = 0
    for file in options.models:
        try:
            findings = [(finding.line, str(finding)) for finding in lint(load(file))]
        except (ModelFault, OSError) as fault:
            findings = [(getattr(fault, "line", 0), getattr(fault, "message", str(fault)))]
        for line, message in findings:
            print(f"{file}:{line}: {message}")
        count += len(findings)
    print(f"{len(options.models)} models, {count} findings", file=sys.stderr)
    return 1 if count else 0


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    test = actions.add_parser("test", help="run test suites in the form of the DMN TCK")
    test.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folders (or files) of suites")
    test.add_argument("--failures", action="store_true", help="print each result that is not the expected one")
    test.add_argument("--suites", action="store_true", help="print the figures of each suite, also of sound ones")
    test.set_defaults(run=_test)
    run = actions.add_parser("run", help="evaluate a decision; what is null is explained on stderr")
    run.add_argument("model", type=Path, metavar="MODEL")
    run.add_argument("--decision", required=True, metavar="NAME", help="a decision or decision service")
    run.add_argument("--input", default="{}", metavar="JSON", help="an object, @FILE, or - for standard input")
    run.set_defaults(run=_evaluate)
    check = actions.add_parser("lint", help="say what is wrong: names, types, gaps, overlaps, rules without effect")
    check.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    check.set_defaults(run=_lint)


def _run(options: Namespace) -> int:
    status: int = options.run(options)
    return status


COMMANDS = (Command("dmn", "test, run and check decisions in DMN", _run, _arguments),)
