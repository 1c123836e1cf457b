"""Context functions (DMN 1.5 §10.3.4.8). A context is never changed; each function gives a new one."""

from collections.abc import Mapping

from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value, kind

Context = Mapping[str, Value]


def _value(context: Context, key: str) -> Value:
    return context.get(key)


def _value_at(context: Context, keys: list[Value]) -> Value:
    found: Value = context
    for key in keys:
        if not isinstance(found, Mapping) or not isinstance(key, str) or key not in found:
            raise NoValue(f"There is no {key!r} in the context.")
        found = found[key]
    if not keys:
        raise NoValue("No key is given.")
    return found


def _entries(context: Context) -> Value:
    return [{"key": key, "value": value} for key, value in context.items()]


def _put(context: Context, key: str, value: Value) -> Value:
    return {**context, key: value}


def _put_at(context: Context, keys: list[Value], value: Value) -> Value:
    if not keys or not isinstance(keys[0], str):
        raise NoValue("The keys must be texts, at least one.")
    if len(keys) == 1:
        return _put(context, keys[0], value)
    inner = context.get(keys[0])
    if not isinstance(inner, Mapping):
        raise NoValue(f"There is no context under {keys[0]!r}.")
    return {**context, keys[0]: _put_at(inner, keys[1:], value)}


def _merged(contexts: list[Value]) -> Value:
    result: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, Mapping):
            raise NoValue("Only contexts can be merged.")
        result.update(context)
    return result


def _from_entries(entries: list[Value]) -> Value:
    result: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or kind(entry.get("key")) != "string" or "value" not in entry:
            raise NoValue("Each entry must be a context with key and value.")
        if entry["key"] in result:
            raise NoValue(f"The key {entry['key']!r} is given twice.")
        result[entry["key"]] = entry["value"]
    return result


FUNCTIONS = (
    builtin("get value", ("m: context, key: string", _value), ("m: context, keys: list", _value_at)),
    builtin("get entries", ("m: context", _entries)),
    builtin(
        "context put",
        ("context: context, key: string, value: any", _put),
        ("context: context, keys: list, value: any", _put_at),
    ),
    builtin("context merge", ("contexts: list", _merged)),
    builtin("context", ("entries: list", _from_entries)),
)
