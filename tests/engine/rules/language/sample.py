"""A vocabulary with every sort of word, for tests of sentences."""

from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.spec.service_goal import (
    FactSpec,
    GermanWordSpec,
    GoalSpec,
    HouseRules,
    LetterSpec,
    MilestoneSpec,
    OfferSpec,
    OptionSpec,
    ServiceGoal,
    StageSpec,
    TaskSpec,
    WordSpec,
)


def _german(name: str, article: str = "", plural: str = "", done: str = "", undone: str = "") -> GermanWordSpec:
    return GermanWordSpec(name=name, article=article, plural=plural, done=done, undone=undone)  # type: ignore[arg-type]


HOUSE = HouseRules(
    house_rules="house",
    title="House",
    roles={"team lead": "Leads", "supervisor": "Supervises", "clerk": "Works"},
    teams={"billing": "Billing", "care": "Care"},
    skills={"credit": "Knows credit", "law": "Knows the law"},
    words={
        "team lead": WordSpec(de=_german("Teamleiter", "der")),
        "supervisor": WordSpec(de=_german("Aufseher", "der")),
    },
)
GOAL = ServiceGoal(
    service_goal="refund",
    title="Refund",
    customer_title="I have my money back",
    owner="process owner",
    team="billing",
    facts={
        "refund": FactSpec(type="money"),
        "credit limit": FactSpec(type="money"),
        "card status": FactSpec(type="choice", choices=("active", "blocked", "lost")),
        "customer number": FactSpec(type="text"),
        "quantity": FactSpec(type="number"),
        "due date": FactSpec(type="date"),
        "signing date": FactSpec(type="date"),
        "received at": FactSpec(type="date and time"),
        "travel insurance": FactSpec(type="boolean"),
        "claims": FactSpec(type="list of object"),
    },
    goals={
        "card works": GoalSpec(
            title="The card works",
            options={"send a new card": OptionSpec(title="A new card", tasks=("send the card",))},
        ),
        "first answer": GoalSpec(title="The customer has an answer"),
        "win the customer back": GoalSpec(title="The customer is won back", added_only=True),
    },
    tasks={
        "approve the refund": TaskSpec(),
        "pay the refund": TaskSpec(),
        "reject the refund": TaskSpec(),
        "decide the credit limit": TaskSpec(),
        "check the identity": TaskSpec(),
        "send the card": TaskSpec(),
        "block the card": TaskSpec(),
        "call back": TaskSpec(),
        "approve the claim": TaskSpec(about="claims"),
        "pay the claim": TaskSpec(about="claims"),
    },
    stages={"review": StageSpec()},
    milestones={"card sent": MilestoneSpec()},
    letters={"goodbye": LetterSpec(subject="s", text="t")},
    offers={"travel insurance plus": OfferSpec(title="Travel insurance")},
    words={
        "case": WordSpec(name="complaint", de=_german("Beschwerde", "die")),
        "refund": WordSpec(synonyms=("reimbursement",), de=_german("Erstattung", "die", "Erstattungen")),
        "credit limit": WordSpec(de=_german("Kreditrahmen", "der")),
        "card status": WordSpec(de=_german("Kartenstatus", "der")),
        "quantity": WordSpec(de=_german("Menge", "die")),
        "due date": WordSpec(de=_german("Termin", "der")),
        "signing date": WordSpec(de=_german("Unterschriftsdatum", "das")),
        "customer number": WordSpec(de=_german("Kundennummer", "die")),
        "travel insurance": WordSpec(de=_german("Reiseversicherung", "die")),
        "claims": WordSpec(name="claim", plural="claims", de=_german("Forderung", "die", "Forderungen")),
        "approve the refund": WordSpec(de=_german("Erstattung genehmigen", done="die Erstattung genehmigt ist")),
        "pay the refund": WordSpec(de=_german("Erstattung zahlen", done="die Erstattung gezahlt ist")),
        "reject the refund": WordSpec(de=_german("Erstattung ablehnen", done="die Erstattung abgelehnt ist")),
        "decide the credit limit": WordSpec(
            de=_german("Kreditrahmen festlegen", done="der Kreditrahmen festgelegt ist")
        ),
        "check the identity": WordSpec(de=_german("Identität prüfen", done="die Identität geprüft ist")),
        "send the card": WordSpec(de=_german("Karte senden", done="die Karte gesendet ist")),
        "block the card": WordSpec(de=_german("Karte sperren", done="die Karte gesperrt ist")),
        "approve the claim": WordSpec(de=_german("Forderung genehmigen", done="die Forderung genehmigt ist")),
        "pay the claim": WordSpec(de=_german("Forderung zahlen", done="die Forderung gezahlt ist")),
    },
)
VOCABULARY = Vocabulary.of(GOAL, HOUSE)
