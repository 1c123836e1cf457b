"""What could stand at a place of a sentence: for faults and for completion."""

from caseloom.engine.rules.language.fault import SentenceFault


def stopped(reading, vocabulary):
    far = max(i for i, s in enumerate(reading.stacks) if s)
    return SentenceFault(
        f"stopped at {far} {reading.pieces[far : far + 1]} {[reading.grammar.keywords.get(a, a) for s in reading.stacks[far] for a in reading.grammar.actions(s)][:20]}"
    )
