"""What people do otherwise, proposed to the owner of a definition: kept, asked for, answered. Nothing here learns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, cast

import msgspec
from django.db.models import Count

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.foundation.clock import now
from caseloom.learning.models import ProposalRow
from caseloom.learning.ways_finding import Finding
from caseloom.sdk.access import Access
from caseloom.staff.access import need

State = Literal["new", "later", "declined", "drafted"]
Decision = Literal["later", "declined", "drafted"]
LONGEST: Final = 500
"""Characters of a reason."""


class Body(msgspec.Struct, frozen=True):
    """What is kept of a proposal. `titles` are those of steps that people made up, where enough customers' cases share
    them word for word.
    """

    finding: Finding
    titles: Mapping[str, str] = {}


class Proposal(msgspec.Struct, frozen=True):
    """A proposal, with what its owner has decided."""

    id: int
    service_goal: str
    version: int
    state: State
    found_at: datetime
    finding: Finding
    titles: Mapping[str, str]
    decided_by: str
    decided_at: datetime | None
    reason: str


def proposals_of(access: Access, service_goal: str) -> list[Proposal]:
    """What is proposed for a service goal: the new first, then what was put off, drafted, declined; the most frequent
    first. Nothing for who may not publish.
    """
    if need(access, "publish library") is not None:
        return []
    order = ("new", "later", "drafted", "declined")
    found = [_proposal(row) for row in ProposalRow.objects.filter(service_goal=service_goal)]
    return sorted(found, key=lambda one: (order.index(one.state), -one.finding.share, one.id))


def find_proposal(access: Access, service_goal: str, number: int) -> Proposal | None:
    """One of them."""
    row = ProposalRow.objects.filter(service_goal=service_goal, pk=number).first()
    return _proposal(row) if row is not None and need(access, "publish library") is None else None


def new_proposals(access: Access) -> dict[str, int]:
    """Service goal → how many proposals wait for its owner."""
    if need(access, "publish library") is not None:
        return {}
    rows = ProposalRow.objects.filter(state="new").values_list("service_goal").annotate(count=Count("id"))
    return dict(rows.order_by("service_goal"))


def decide(access: Access, proposal: Proposal, decision: Decision, reason: str = "") -> Refused | None:
    """Put a proposal off, decline it with a reason, or note that its draft was made."""
    refused = need(access, "publish library")
    if refused is not None:
        return refused
    reason = reason.strip()
    if decision == "declined" and not reason:
        says = "Say why it is not for you: who finds it again reads that."
        return Refused("invalid", says, next=(NextStep("Write a reason, then say it again"),))
    if len(reason) > LONGEST:
        return Refused("invalid", f"The reason is longer than {LONGEST} characters; make it shorter.")
    ProposalRow.objects.filter(pk=proposal.id).update(
        state=decision, reason=reason, decided_by=access.actor.id, decided_at=now(), share=proposal.finding.share
    )
    return None


def _proposal(row: ProposalRow) -> Proposal:
    body = msgspec.json.decode(row.body, type=Body)
    return Proposal(
        row.pk, row.service_goal, row.version, cast("State", row.state), row.found_at, body.finding, body.titles,
        row.decided_by, row.decided_at, row.reason,
    )  # fmt: skip
