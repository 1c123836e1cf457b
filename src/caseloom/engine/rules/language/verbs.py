"""English verbs: which words are verbs of work, and their past forms."""

import re
from typing import Final, NamedTuple

_IRREGULAR: Final = {
    "bear": ("bore", "borne"),
    "begin": ("began", "begun"),
    "bring": ("brought", "brought"),
    "build": ("built", "built"),
    "buy": ("bought", "bought"),
    "choose": ("chose", "chosen"),
    "cut": ("cut", "cut"),
    "deal": ("dealt", "dealt"),
    "do": ("did", "done"),
    "draw": ("drew", "drawn"),
    "find": ("found", "found"),
    "forgive": ("forgave", "forgiven"),
    "get": ("got", "got"),
    "give": ("gave", "given"),
    "hear": ("heard", "heard"),
    "hold": ("held", "held"),
    "keep": ("kept", "kept"),
    "lead": ("led", "led"),
    "lend": ("lent", "lent"),
    "make": ("made", "made"),
    "meet": ("met", "met"),
    "overdraw": ("overdrew", "overdrawn"),
    "pay": ("paid", "paid"),
    "put": ("put", "put"),
    "quote": ("quoted", "quoted"),
    "read": ("read", "read"),
    "rebuild": ("rebuilt", "rebuilt"),
    "repay": ("repaid", "repaid"),
    "reset": ("reset", "reset"),
    "say": ("said", "said"),
    "see": ("saw", "seen"),
    "sell": ("sold", "sold"),
    "send": ("sent", "sent"),
    "set": ("set", "set"),
    "show": ("showed", "shown"),
    "shut": ("shut", "shut"),
    "take": ("took", "taken"),
    "teach": ("taught", "taught"),
    "tell": ("told", "told"),
    "undo": ("undid", "undone"),
    "win": ("won", "won"),
    "withdraw": ("withdrew", "withdrawn"),
    "withhold": ("withheld", "withheld"),
    "write": ("wrote", "written"),
}
_WORK: Final = """
    accept activate add adjust agree allow analyse answer apologise apply approve archive arrange ask assess
    assign audit authorise block book calculate call cancel change charge check claim clarify classify clean
    close collect compare compensate complete compute confirm connect contact copy correct count cover create
    credit deactivate debit decide decline define delay delete deliver deny describe design determine dispatch
    dispute document double draft edit enter escalate estimate evaluate examine exchange expand explain extend
    file fill finish fix forward freeze fulfil grant handle identify inform inspect install instruct interview
    investigate invite invoice issue judge limit list locate lock log look mail mark measure mention merge
    monitor move name note notify offer open order organise pack phone pick plan post prepare prescribe
    present print process produce propose protect prove provide publish purchase question rate reach receive
    recommend reconcile record recover reduce refund refuse register reject release remind remove renew reopen
    repair repeat replace reply report request rescind reserve resolve respond restore return reverse review
    revise revoke save scan schedule search secure select separate settle share ship sign solve sort stamp
    start stop store submit suspend tag talk terminate test trace transfer translate try unblock uncover
    unlock update upgrade upload use validate value verify visit waive warn weigh
    """
_REGULAR: Final = frozenset(_WORK.split())
_FREEZE: Final = {"freeze": ("froze", "frozen")}
_DOUBLING: Final = frozenset(
    {"admit", "cancel", "commit", "control", "fulfil", "label", "permit", "refer", "submit", "transfer"}
)
_SHORT: Final = re.compile("[^aeiou]+[aeiou][^aeiouwxy]")
_ARTICLES: Final = ("the", "a", "an")
PARTICLES: Final = frozenset({"back", "off", "on", "out", "over", "up", "down", "in", "away", "again"})
PREPOSITIONS: Final = frozenset(
    {
        "about",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "over",
        "to",
        "with",
        "whether",
        "why",
        "that",
        "how",
    }
)


class TaskWords(NamedTuple):
    """The parts of a task's name: `ask | the carrier | about the parcel`."""

    verb: str
    object: str
    rest: str


def is_verb(word: str) -> bool:
    """Whether a word is known as a verb of work."""
    return word in _REGULAR or word in _IRREGULAR


def past(verb: str) -> str:
    """`pay` → `paid`, `write` → `wrote`."""
    return {**_IRREGULAR, **_FREEZE}.get(verb, (_regular(verb), ""))[0]


def participle(verb: str) -> str:
    """`pay` → `paid`, `write` → `written`."""
    return {**_IRREGULAR, **_FREEZE}.get(verb, ("", _regular(verb)))[1]


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ied"
    if verb in _DOUBLING or _SHORT.fullmatch(verb):
        return verb + verb[-1] + "ed"
    return verb + "ed"


def task_words(name: str) -> TaskWords | None:
    """The verb of a task's name and what it is done to, or None where the name does not begin so.

    `pay the refund`, `pay refund`, `hand over the file`, `win the customer back`, `ask the carrier about the parcel`.
    """
    first, *others = name.split()
    lead = ""
    if len(others) > 1 and others[0] in PARTICLES:
        lead, others = others[0], others[1:]
    articled = bool(others) and others[0] in _ARTICLES
    if not others or not (is_verb(first) or articled):
        return None
    words = others[1:] if articled else others
    place = next((n for n, word in enumerate(words) if word in PREPOSITIONS or word in PARTICLES), len(words))
    if not place:
        return None
    return TaskWords(first, " ".join(words[:place]), " ".join([*([lead] if lead else []), *words[place:]]))


def plural(noun: str) -> str:
    """The regular plural of a noun phrase's last word."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def singular(noun: str) -> str:
    """The noun of which this is the regular plural, or the word itself."""
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def with_article(noun: str, article: str = "") -> str:
    """`a refund`, `an answer`; the article that the author gave counts."""
    if article == "the":
        return f"the {noun}"
    return f"{article or ('an' if noun[:1].lower() in 'aeiou' else 'a')} {noun}"
