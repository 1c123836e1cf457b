"""The policy of rights: which role has which, and which objects they reach. Asked by the door, by every query and
every route.
"""

from typing import Final

from caseloom.engine.case.actor import Actor
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.sdk.access import Access, Right
from caseloom.staff.models import Team, User

ROLE_RIGHTS: Final[dict[str, frozenset[Right]]] = {
    "agent": frozenset(("read cases", "work cases", "read customers", "read library")),
    "supervisor": frozenset(
        (
            "read cases",
            "work cases",
            "steer cases",
            "read customers",
            "read library",
            "read figures",
            "manage quarantine",
        )
    ),
    "process owner": frozenset(
        ("read cases", "read customers", "read figures", "read library", "write library", "publish library")
    ),
    "administrator": frozenset(
        ("manage staff", "operate", "erase customers", "read customers", "read library", "manage quarantine")
    ),
}
"""What each role may. Several roles add up; an administrator without another role sees no case."""

CUSTOMER_RIGHTS: Final[frozenset[Right]] = frozenset(("own case",))


def of_user(user: User) -> Access:
    """The access of somebody who is signed in."""
    actor = Actor(
        user.actor_id,
        "agent",
        user.display_name,
        frozenset(user.roles),
        frozenset(user.skills),
        frozenset(user.teams),
    )
    rights = frozenset(right for role in user.roles for right in ROLE_RIGHTS.get(role, ()))
    return Access(actor, rights if user.is_active else frozenset(), hidden=_hidden(user))


def actors_by_id() -> dict[str, Actor]:
    """All who work here, or did, as actors with the roles, skills and teams that they have now."""
    return {actor.id: actor for user in User.objects.all() for actor in [of_user(user).actor]}


def _hidden(user: User) -> frozenset[str]:
    if "supervisor" in user.roles:
        return frozenset()
    confidential = Team.objects.filter(confidential=True).values_list("key", flat=True)
    return frozenset(confidential) - frozenset(user.teams)


def of_customer(customer: int, name: str = "", case: int | None = None) -> Access:
    """The access of a customer: all that is theirs, or the one case that a link was made for."""
    return Access(Actor(f"customer:{customer}", "customer", name), CUSTOMER_RIGHTS, customer, case)


def reaches_case(access: Access, case: int, customer: int, team: str) -> bool:
    """Whether this actor sees this case at all. Where not, it is answered as if there were none."""
    if access.customer is not None:
        return access.may("own case") and access.customer == customer and access.case in (None, case)
    return access.may("read cases") and team not in access.hidden


def reaches_customer(access: Access, customer: int) -> bool:
    """Whether this actor sees this customer's record."""
    if access.customer is not None:
        return access.customer == customer and access.case is None
    return access.may("read customers")


def works_here(actor: str) -> bool:
    """Whether work can be given to this actor: somebody who is with the house."""
    kind, _, number = actor.partition(":")
    return (
        kind == "agent"
        and number.isdecimal()
        and len(number) < 10
        and User.objects.filter(pk=int(number), is_active=True).exists()
    )


def is_team(team: str) -> bool:
    """Whether there is such a team."""
    return Team.objects.filter(pk=team).exists()


def need(access: Access, right: Right) -> Refused | None:
    """Refuse what the actor has no right to, saying who has."""
    if access.may(right):
        return None
    who = ", ".join(sorted(role for role, rights in ROLE_RIGHTS.items() if right in rights)) or "nobody"
    return Refused(
        "rights",
        f"You may not {right}.",
        facts={"right": right},
        next=(NextStep("Ask somebody who may", who=who),),
    )
