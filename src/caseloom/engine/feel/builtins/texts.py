"""String functions (DMN 1.5 §10.3.4.3). Positions count characters from 1, or from -1 backwards."""

from decimal import Decimal

from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.env import Env
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = int(start)
    if first == 0 or abs(first) > len(text):
        raise NoValue(f"The text has {len(text)} characters, none at {first}.")
    if length is not None and length < 1:
        raise NoValue("The length of a substring is at least 1.")
    begin = first - 1 if first > 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + min(int(length), len(text))]


def _before(text: str, match: str) -> Value:
    at = text.find(match)
    return text[:at] if at >= 0 else ""


def _after(text: str, match: str) -> Value:
    at = text.find(match)
    return text[at + len(match) :] if at >= 0 else ""


def _joined(env: Env, members: list[Value], delimiter: str | None = None) -> Value:
    parts = [member for member in members if member is not None]
    if not all(isinstance(part, str) for part in parts):
        raise NoValue("Only texts can be joined.")
    result = (delimiter or "").join(parts)  # type: ignore[arg-type]
    env.spend(len(result) // 100)
    return result


FUNCTIONS = (
    builtin("substring", ("string: string, start position: number, length?: number", _substring)),
    builtin("string length", ("string: string", lambda text: Decimal(len(text)))),
    builtin("upper case", ("string: string", str.upper)),
    builtin("lower case", ("string: string", str.lower)),
    builtin("substring before", ("string: string, match: string", _before)),
    builtin("substring after", ("string: string, match: string", _after)),
    builtin("contains", ("string: string, match: string", lambda text, match: match in text)),
    builtin("starts with", ("string: string, match: string", str.startswith)),
    builtin("ends with", ("string: string, match: string", str.endswith)),
    builtin("string join", ("list: list, delimiter?: string|null", _joined), with_env=True),
)
