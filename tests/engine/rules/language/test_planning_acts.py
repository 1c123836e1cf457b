"""Who may plan: the verbs on a running case, said in English and in German."""

import pytest

from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.tree import Node, Word
from tests.engine.rules.language.sample import VOCABULARY

TASK, GOAL = next(iter(VOCABULARY.tasks)), next(iter(VOCABULARY.goals))
OPTION = next(iter(VOCABULARY.options))
SENTENCES = [
    (f"modify {TASK}", f'modify the task "{TASK}"', f'die Aufgabe "{TASK}" ändern'),
    (f"delete {TASK}", f'delete the task "{TASK}"', f'die Aufgabe "{TASK}" löschen'),
    (f"reset {GOAL}", f'reset the goal "{GOAL}"', f'das Ziel "{GOAL}" zurücksetzen'),
    (f"modify {GOAL}", f'modify the goal "{GOAL}"', f'das Ziel "{GOAL}" ändern'),
    (f"delete {GOAL}", f'delete the goal "{GOAL}"', f'das Ziel "{GOAL}" löschen'),
    (f"drop {OPTION}", f'drop the option "{OPTION}"', f'die Option "{OPTION}" aufgeben'),
    ("improvise task", "create an ad-hoc task", "eine Zusatzaufgabe anlegen"),
    ("improvise stage", "create an ad-hoc stage", "einen Zusatzabschnitt anlegen"),
    ("improvise goal", "create an ad-hoc goal", "ein Zusatzziel anlegen"),
    ("improvise option", "create an ad-hoc option", "eine Zusatzoption anlegen"),
]


def words(node: Node) -> list[str]:
    found: list[str] = []
    for slot in node.slots:
        if isinstance(slot, Word):
            found.append(slot.key)
        elif isinstance(slot, Node):
            found += words(slot)
    return found


@pytest.mark.parametrize(("act", "english", "german"), SENTENCES, ids=[act for act, _, _ in SENTENCES])
def test_an_act_of_planning_is_said_in_both_languages(act: str, english: str, german: str) -> None:
    english, german = f"Only a team lead may {english}.", f"Nur ein Teamleiter darf {german}."
    tree = read(english, "en", VOCABULARY)
    assert act in words(tree.root)
    assert read(german, "de", VOCABULARY).root == tree.root
    assert (write(tree, "en", VOCABULARY), write(tree, "de", VOCABULARY)) == (english, german)
