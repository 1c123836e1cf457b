"""Acts: the words by which boundary rules speak of what happens in a case.

Most may be forbidden; some only tell what the world has done (a contact came, a clock ran out, a customer said how it
feels), and nobody refuses the world.
"""

from typing import Final

WORLD: Final = frozenset(
    (
        "hear",
        "customer answers",
        "answer",
        "rate",
        "confirm",
        "deny",
        "break promise",
        "late",
        "warn",
        "accept",
        "decline",
    )
)
"""The first words of acts that are never refused."""
VERBS: Final = (
    "complete", "start", "cancel", "reset", "create", "choose", "reach", "waive", "add", "set", "send", "late", "warn",
    "offer", "accept", "decline", "leave", "modify", "delete", "drop",
)  # fmt: skip
"""Acts that name a thing."""
PLAIN: Final = (
    "close", "reopen", "suspend", "hand over", "open", "classify", "promise", "keep promise", "break promise", "note",
    "send", "hear", "customer answers", "answer", "rate", "confirm", "deny",
    "improvise task", "improvise stage", "improvise goal", "improvise option",
)  # fmt: skip
"""Acts of the whole case; what is improvised is made up on the spot, and no definition knows it."""


def is_world(act: str) -> bool:
    """Whether this act tells what the world did, and so cannot be forbidden."""
    return act in WORLD or act.partition(" ")[0] in ("late", "warn", "accept", "decline", "leave")
