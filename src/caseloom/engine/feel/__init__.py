"""FEEL, the expression language of DMN 1.5 (clause 10): text to a typed tree to closures to a value."""

from caseloom.engine.feel.builtins.temporal import NOW
from caseloom.engine.feel.expression import Expression, Tests, compile, compile_tests, is_true
from caseloom.engine.feel.faults import Fault, FeelSyntaxError, Note
from caseloom.engine.feel.kinds import FunctionValue, Range, Value
from caseloom.engine.feel.parse import parse, parse_tests
from caseloom.engine.feel.printing import to_text, to_text_among

__all__ = [
    "NOW",
    "Expression",
    "Fault",
    "FeelSyntaxError",
    "FunctionValue",
    "Note",
    "Range",
    "Tests",
    "Value",
    "compile",
    "compile_tests",
    "is_true",
    "parse",
    "parse_tests",
    "to_text",
    "to_text_among",
]
