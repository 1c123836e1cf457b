"""Whether two things of a sentence can be compared."""

import difflib
from typing import Final

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Slot, Value

_ORDERED: Final = frozenset({"number", "money", "date", "time", "date and time"})
_KIN: Final = {"choice": "text", "date and time": "date"}
_WRITE: Final = {
    "money": "write an amount and a currency, such as 500 EUR",
    "number": "write a number, such as 500",
    "text": "write it in quotation marks",
    "date": "write a date, such as 2026-03-31",
    "time": "write a time, such as 08:00",
    "boolean": "write true or false",
}


def checked(operand: str, type_: str, test: str, amount: Slot, amount_type: str, choices: tuple[str, ...]) -> None:
    """Raises `SentenceFault` where a test makes no sense for an operand; what is not known passes."""
    if not type_ or not amount_type:
        return
    kin, word = _KIN.get(type_, type_), amount.text if isinstance(amount, Value) else ""
    if kin != _KIN.get(amount_type, amount_type):
        advice = _WRITE.get(kin, f"it cannot be compared with a {amount_type}")
        raise SentenceFault(f"“{operand}” is of type {type_}: {advice}.", word=word)
    if test not in ("exactly", "one_of") and type_ not in _ORDERED:
        raise SentenceFault(
            f"“{operand}” is of type {type_}, which has no order; say what it must be, or “one of …”.", word=word
        )
    if test in ("earlier", "later") and kin != "date":
        raise SentenceFault(f"“{operand}” is of type {type_}; “before” and “after” are for dates.", word=word)
    if choices and isinstance(amount, Value) and amount.text not in choices:
        near = difflib.get_close_matches(amount.text, choices, n=1)
        meant = f"did you mean “{near[0]}”?" if near else f"its choices are: {', '.join(choices)}."
        suggestion = near[0] if near else ""
        raise SentenceFault(f"“{operand}” is never “{amount.text}”; {meant}", word=word, suggestion=suggestion)
