"""Unified EL to FEEL, as far as the meaning is the same.

Values are taken to have the types that they look like: EL turns the text "5" into a number where one is asked for, FEEL
does not. What cannot be said in FEEL, such as the method of a bean, is replaced by a variable named after it and told
as a trouble.
"""

import re
from dataclasses import dataclass, field

from caseloom.engine.feel import FeelSyntaxError, parse
from caseloom.engine.feel.strings import quoted
from caseloom.engine.feel.tokens import KEYWORDS
from caseloom.interchange.juel import (
    Binary,
    Call,
    Conditional,
    Constant,
    Index,
    JuelFault,
    Member,
    Name,
    Node,
    Number,
    Unary,
    parts_of,
)
from caseloom.interchange.juel_calls import (
    AND,
    BLOCK,
    COMPARISON,
    FUNCTIONS,
    METHODS,
    NEGATION,
    OR,
    POSTFIX,
    PRODUCT,
    RENAMED,
    SUM,
    Form,
    context_variable,
    is_of_context,
    spoken,
)

_BINARY = {
    "||": ("or", OR),
    "&&": ("and", AND),
    "==": ("=", COMPARISON),
    "!=": ("!=", COMPARISON),
    **{sign: (sign, COMPARISON) for sign in ("<", "<=", ">", ">=")},
    **{sign: (sign, SUM) for sign in "+-"},
    **{sign: (sign, PRODUCT) for sign in "*/"},
}
_GETTER = re.compile(r"(?:get([A-Z])|is([A-Z]))(\w*)")
_NO_GETTERS = {"isEmpty", "getClass"}
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Translation:
    """FEEL and what is to be known of it.

    `troubles` say what had no meaning in FEEL and which variable stands for it; `notes` where the meaning is slightly
    another; `names` are the variables that FEEL cannot tell from an expression (`first-name`) and a reader has to know.
    """

    feel: str
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def to_feel(text: str) -> Translation:
    """The FEEL of a text with `${...}` in it. One expression keeps its type, several and literal text become a text.

    Raises `JuelFault` where it cannot be read.
    """
    try:
        return _translated(text)
    except RecursionError:
        raise JuelFault("The expression is nested too deeply. Split it into several.", 0) from None


def _translated(text: str) -> Translation:
    parts = parts_of(text.strip())
    work = _Translator()
    if len(parts) == 1 and isinstance(parts[0], Node):
        feel = work.value(parts[0])
    elif not any(isinstance(part, Node) for part in parts):
        feel = quoted("".join(str(part) for part in parts))
    else:
        # A null counts as no text in EL; `string join` passes it over.
        words = [f"string({work.value(part)})" if isinstance(part, Node) else quoted(part) for part in parts]
        feel = f"string join([{', '.join(words)}])"
    return work.translation(feel)


def node_to_feel(node: Node) -> Translation:
    """The FEEL of one expression. Raises `JuelFault`."""
    work = _Translator()
    return work.translation(work.value(node))


def is_plain(name: str) -> bool:
    """Whether FEEL reads this text as one name without knowing it."""
    return _PLAIN_NAME.fullmatch(name) is not None and name not in KEYWORDS


@dataclass(slots=True)
class _Translator:
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def translation(self, feel: str) -> Translation:
        try:
            parse(feel, self.names)
        except FeelSyntaxError as fault:
            raise JuelFault(f"It has no equal in FEEL: {fault}", 0) from None
        return Translation(feel, tuple(self.troubles), tuple(dict.fromkeys(self.notes)), frozenset(self.names))

    def value(self, node: Node) -> str:
        return self.feel(node)[0]

    def operand(self, node: Node, at_least: int) -> str:
        """The FEEL of a part, in parentheses where it binds less than its place asks for."""
        text, binding = self.feel(node)
        return text if binding >= at_least else f"({text})"

    def feel(self, node: Node) -> tuple[str, int]:
        """FEEL and how strongly it binds."""
        match node:
            case Constant(value=str() as text):
                return quoted(text), POSTFIX
            case Constant(value=value):
                return "null" if value is None else str(value).lower(), POSTFIX
            case Number(text=text):
                return (f"0{text}" if text.startswith(".") else text.replace(".e", "e").rstrip(".")), POSTFIX
            case Name(name=name):
                return self.variable(RENAMED.get(name, name)), POSTFIX
            case Member(base=base, name=name):
                return self._member(node, base, name), POSTFIX
            case Index():
                return self._index(node), POSTFIX
            case Call():
                return self._call(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = (self.operand(part, OR) for part in (condition, then, otherwise))
                return "if {} then {} else {}".format(*parts), BLOCK
        raise AssertionError(node)

    def variable(self, name: str) -> str:
        if not is_plain(name):
            self.names.add(name)
        return name

    def _member(self, node: Node, base: Node, name: str) -> str:
        known = context_variable(node)
        if known:
            self.notes.append(f"{spoken(node)} is read from the variable {known!r}.")
            return known
        if is_of_context(base):
            return self.given(node, "it belongs to another engine")
        text = self.operand(base, POSTFIX)
        return f"{text}.{name}" if is_plain(name) else f"get value({text}, {quoted(name)})"

    def _index(self, node: Index) -> str:
        if isinstance(node.key, Number) and node.key.text.isdigit():
            return f"{self.operand(node.base, POSTFIX)}[{int(node.key.text) + 1}]"
        return self.given(node, "its key may be a number or a text")

    def _unary(self, node: Unary) -> tuple[str, int]:
        if node.operator == "-":
            return f"-{self.operand(node.operand, POSTFIX)}", NEGATION
        if node.operator == "empty":
            return f'list contains([null, "", [], {{}}], {self.value(node.operand)})', POSTFIX
        # In EL null counts as false. `not(null)` is null in FEEL, `null != true` is true.
        if _is_truth_value(node.operand):
            return f"not({self.value(node.operand)})", POSTFIX
        return f"{self.operand(node.operand, SUM)} != true", COMPARISON

    def _binary(self, node: Binary) -> tuple[str, int]:
        if node.operator == "%":
            self.notes.append("The rest of a division has the sign of the divisor in FEEL.")
            return f"modulo({self.value(node.left)}, {self.value(node.right)})", POSTFIX
        sign, binding = _BINARY[node.operator]
        # Comparisons do not chain in EL's sense: both sides get parentheses. A minus or division binds to the left.
        left = binding + 1 if binding == COMPARISON else binding
        return f"{self.operand(node.left, left)} {sign} {self.operand(node.right, binding + 1)}", binding

    # -- calls -----------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> tuple[str, int]:
        known = context_variable(node)
        if known:
            if known != _asked_variable(node):
                self.notes.append(f"{spoken(node)} is read from the variable {known!r}.")
            return self.variable(RENAMED.get(known, known)), POSTFIX
        if node.base is None:
            written = FUNCTIONS.get((node.name, len(node.arguments)))
            return self._written(node, written, list(node.arguments))
        getter = _GETTER.fullmatch(node.name)
        if getter and not node.arguments and node.name not in _NO_GETTERS:
            # In EL `x.getName()` and `x.name` are the same for a bean.
            member = (getter[1] or getter[2]).lower() + getter[3]
            if not is_of_context(node.base):
                self.notes.append(f"{spoken(node)} is read as the member {member!r}.")
            return self._member(node, node.base, member), POSTFIX
        return self._written(node, METHODS.get((node.name, len(node.arguments))), [node.base, *node.arguments])

    def _written(self, node: Call, written: Form | None, parts: list[Node]) -> tuple[str, int]:
        if written is None:
            return self.given(node, "it is a call into a program"), POSTFIX
        return written(self, parts) or (self.given(node, "its arguments are not plain"), POSTFIX)

    def given(self, node: Node, why: str) -> str:
        """The variable that stands for what FEEL cannot say."""
        name = re.sub(r"\W+", "_", re.sub(r"\(.*?\)", "", spoken(node).replace("[...]", ".item"))).strip("_") or "value"
        name = name if is_plain(name) else f"_{name}"
        self.troubles.append(f"{spoken(node)} has no meaning in FEEL ({why}); the variable {name!r} is read instead.")
        return name


def _is_truth_value(node: Node) -> bool:
    """Whether a part is surely true or false in FEEL, never null."""
    match node:
        case Constant(value=bool()):
            return True
        case Unary(operator="empty"):
            return True
        case Unary(operator="!", operand=operand):
            return _is_truth_value(operand)
        case Binary(operator="&&" | "||", left=left, right=right):
            return _is_truth_value(left) and _is_truth_value(right)
        case Binary(operator="==" | "!=", left=left, right=right):
            return Constant(None) in (left, right)
    return False


def _asked_variable(node: Call) -> str | None:
    first = node.arguments[0] if node.arguments else None
    return str(first.value) if isinstance(first, Constant) else None
