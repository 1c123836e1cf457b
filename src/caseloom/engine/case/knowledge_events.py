"""Whether a piece of knowledge helped somebody in a case."""

from caseloom.engine.spec.history import Event, Private


class WordPrivate(Private, frozen=True):
    word: str = ""


class KnowledgeRated(Event, frozen=True, kw_only=True):
    """Somebody says whether an article or a letter helped. `article` names it with its home:
    `house:how we write`; `goal` is the goal that was worked for then.
    """

    stored = "knowledge_rated.1"
    article: str
    helped: bool
    goal: str = ""
    private: WordPrivate = WordPrivate()


class KnowledgeUsed(Event, frozen=True, kw_only=True):
    """Its text went into a message that was sent."""

    stored = "knowledge_used.1"
    article: str
    goal: str = ""


KNOWLEDGE_EVENTS: tuple[type[Event], ...] = (KnowledgeRated, KnowledgeUsed)
