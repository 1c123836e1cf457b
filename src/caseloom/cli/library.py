"""`caseloom library`: service goals, house rules, decision and flow models as files: checked, published, exported."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.engine.rules.models import Used
    from caseloom.engine.spec.service_goal import HouseRules


def check(files: Sequence[Path]) -> Iterator[str]:
    """Every fault of these files, as `FILE:LINE: what and how to mend it`.

    House rules among the files bind the service goals among them; else those that are published do. Decision models
    among the files are there for the others to use, beside those that are published.
    """
    from caseloom.library import publishing

    texts = {file: _read(file) for file in files}
    yield from (
        fault for fault in texts.values() if isinstance(fault, OSError | UnicodeDecodeError) for fault in [str(fault)]
    )
    sound = {file: text for file, text in texts.items() if isinstance(text, str)}
    house, offered = _house(sound.values()), _offered(sound.values())
    for file, text in sound.items():
        for place in publishing.check(text, house, offered)[1]:
            at = f"{place.path}: " if place.path else ""
            yield f"{file}:{place.line}: {at}{place.message}"


def remarks(files: Sequence[Path]) -> Iterator[tuple[bool, str]]:
    """What living the sound definitions among these files brings up: whether it is a fault, and
    `FILE:LINE: what is wrong, with a life that shows it`.
    """
    from caseloom.library import publishing

    texts = {file: file.read_text(encoding="utf-8") for file in files}
    house, offered = _house(texts.values()), _offered(texts.values())
    for file, text in texts.items():
        definition, places = publishing.check(text, house, offered)
        if definition is None or places:
            continue
        for fatal, found in zip((True, False), publishing.lived(definition, text, house, offered), strict=True):
            for place in found:
                at = f"{place.path}: " if place.path else ""
                yield fatal, f"{file}:{place.line}: {at}{place.message}"


def _read(file: Path) -> str | OSError | UnicodeDecodeError:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        return fault


def _house(texts: Iterable[str]) -> "HouseRules | None":
    from caseloom.interchange.yaml_text import TextFaulty, read_house_rules

    for text in texts:
        if text.lstrip().startswith("house rules"):
            try:
                return read_house_rules(text)
            except TextFaulty:
                return None
    return None


def _offered(texts: Iterable[str]) -> "Used":
    """The models that are published, and before them those among these texts."""
    from caseloom.interchange.yaml_text import TextFaulty
    from caseloom.library.used import draft_of, is_model, key_of, offered_models, read_model

    found = dict(offered_models())
    for text in texts:
        if is_model(text):
            try:
                model = read_model(text)
            except TextFaulty:
                continue
            found[key_of(model)] = draft_of(model)
    return found


def _check(options: Namespace) -> int:
    faults = list(check(options.files))
    for fault in faults:
        print(fault)
    for fatal, remark in remarks(options.files) if not faults and not options.quick else ():
        print(remark)
        faults += [remark] if fatal else []
    print(f"{len(options.files)} files, {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


def _publish(options: Namespace) -> int:
    from caseloom.engine.case.refusal import Refused
    from caseloom.library.publishing import in_order, publish
    from caseloom.library.used import is_model, key_of, kind_of, read_model
    from caseloom.sdk.access import program

    faults = list(check(options.files))
    if faults:
        print("\n".join(faults))
        return 1
    for text in in_order([file.read_text(encoding="utf-8") for file in options.files]):
        model = read_model(text) if is_model(text) else None
        title = f"{kind_of(model)}: {key_of(model)}" if model is not None else text.lstrip().splitlines()[0]
        answer = publish(program("cli"), text, not options.quick)
        if isinstance(answer, Refused):
            print(f"{title}: {answer.message}", file=sys.stderr)
            return 1
        print(f"{title}: {'as before' if answer.repeated else 'published'}")
    return 0


def export(folder: Path) -> list[Path]:
    """Write the latest version of every definition that is offered into the folder; the files."""
    from caseloom.library.decisions import latest_models
    from caseloom.library.flows import latest_flows
    from caseloom.library.models import VersionRow
    from caseloom.library.plans import latest_versions

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    found = [(key, version, "yaml") for key, (_, version) in latest_versions().items()]
    found += [(key, version, "dmn") for key, version in latest_models().items()]
    found += [(key, version, "bpmn") for key, version in latest_flows().items()]
    for key, version, suffix in sorted(found):
        text = VersionRow.objects.filter(key=key, version=version).values_list("text", flat=True).get()
        file = folder / f"{_file_name(key)}.{suffix}"
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


def _file_name(key: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in key.lower()).strip("-") or "definition"


def _export(options: Namespace) -> int:
    for file in export(options.folder):
        print(file)
    return 0


def schema_text() -> str:
    """The JSON Schema of definitions, as it stands in docs/reference/service-goal.schema.json."""
    from caseloom.interchange.yaml_text import json_schema

    return json.dumps(json_schema(), indent=1, sort_keys=True, default=str) + "\n"


def _schema(options: Namespace) -> int:
    print(schema_text(), end="")
    return 0


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, words in (
        ("check", _check, "say what is wrong with files, with line and advice"),
        ("publish", _publish, "make files new versions"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("files", nargs="+", type=Path, metavar="FILE")
        action.add_argument("--quick", action="store_true", help="do not live the definitions: read them alone")
        action.set_defaults(run=run)
    action = actions.add_parser("export", help="write all published definitions into a folder")
    action.add_argument("folder", type=Path)
    action.set_defaults(run=_export)
    actions.add_parser("schema", help="print the JSON Schema of definitions").set_defaults(run=_schema)


def _run(options: Namespace) -> int:
    status: int = options.run(options)
    return status


COMMANDS = (
    Command(
        "library",
        "check, publish and export service goals, house rules, decision and flow models",
        _run,
        _arguments,
        needs="database",
    ),
)
