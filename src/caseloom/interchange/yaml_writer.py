"""Service goals and house rules written as YAML: the counterpart of `yaml_text`, with what is said and no defaults."""

from typing import Any, Final

import msgspec
import yaml

from caseloom.engine.spec.service_goal import Spec

WIDTH: Final = 120


def write_definition(definition: Spec) -> str:
    """The YAML text of a definition, its name and words first; reading it gives the same definition again."""
    value: dict[str, Any] = plain(definition)
    return write_plain({key: one for key, one in value.items() if not isinstance(one, dict | list)} | value)


def write_plain(value: dict[str, Any]) -> str:
    """The YAML text of plain values, in their order."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=WIDTH, default_flow_style=None)


def plain(value: Any) -> Any:
    """A part of a definition as plain values under the names of the file; what has its default is left out."""
    if isinstance(value, Spec):
        fields = msgspec.structs.fields(value)
        given = ((field, getattr(value, field.name)) for field in fields)
        return {field.encode_name: plain(one) for field, one in given if field.required or one != _default(field)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def _default(field: msgspec.structs.FieldInfo) -> Any:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()
