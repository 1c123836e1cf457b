"""Whether the conditions of a gateway can all fail at once."""

from collections.abc import Sequence
from itertools import product

from caseloom.engine.feel import FeelSyntaxError, parse, to_text, tree

MAX_ATOMS = 10


def may_all_fail(conditions: Sequence[str], names: Sequence[str] = ()) -> bool:
    """Whether it could be that no condition is true.

    `and`, `or`, `not`, `=` and `!=` are understood, and what else is compared or asked counts as independent of all
    other. So false is sure, and true may be too cautious.
    """
    try:
        trees = [parse(condition, names) for condition in conditions]
    except FeelSyntaxError:
        return True
    atoms: dict[str, bool] = {}
    for one in trees:
        _truth(one, atoms)
    if len(atoms) > MAX_ATOMS:
        return True
    for values in product((False, True), repeat=len(atoms)):
        given = dict(zip(atoms, values, strict=True))
        if not any(_truth(one, given) for one in trees):
            return True
    return False


def _truth(node: tree.Expression, atoms: dict[str, bool]) -> bool:
    """Whether an expression is true, where each of `atoms` is; one that is not among them is added as false.

    Null is not true. All operands are visited, so that no atom is missed.
    """
    match node:
        case tree.Boolean(value=value):
            return value
        case tree.And(operands=operands):
            return all([_truth(one, atoms) for one in operands])
        case tree.Or(operands=operands):
            return any([_truth(one, atoms) for one in operands])
        case tree.Call(callee=tree.Name(name="not"), arguments=(tree.Call() as asked,)) if _never_null(asked):
            return not _truth(asked, atoms)
        case tree.Comparison(operator="=" | "!=" as operator, left=left, right=tree.Boolean(value=True)):
            return _truth(left, atoms) is (operator == "=")
        case tree.Comparison(operator="!=", left=left, right=right):
            equal = tree.Comparison("=", left, right)
            return not atoms.setdefault(to_text(equal), False)
    return atoms.setdefault(to_text(node), False)


def _never_null(node: tree.Call) -> bool:
    return isinstance(node.callee, tree.Name) and node.callee.name == "list contains"
