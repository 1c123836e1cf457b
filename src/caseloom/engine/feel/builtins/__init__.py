"""The built-in functions of FEEL (DMN 1.5 §10.3.4), one file a group, and our own `money`."""

from caseloom.engine.feel.builtins import (
    contexts,
    conversion,
    lists,
    numbers,
    patterns,
    range_relations,
    temporal,
    texts,
)
from caseloom.engine.feel.builtins.signature import Builtin

BUILTINS: dict[str, Builtin] = {
    function.name: function
    for group in (conversion, texts, patterns, numbers, lists, contexts, temporal, range_relations)
    for function in group.FUNCTIONS
}

__all__ = ["BUILTINS", "Builtin"]
