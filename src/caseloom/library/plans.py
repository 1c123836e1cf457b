"""Plans: published versions, read and compiled once a process. A published version never changes, so nothing has to be
dropped.
"""

import threading
from datetime import timedelta
from typing import Final

from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.foundation.memo import remember
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from caseloom.library.decisions import the_models
from caseloom.library.flows import the_flows
from caseloom.library.models import DefinitionRow, VersionRow
from caseloom.library.used import KINDS, pinned_models

HOUSE: Final = "house"
"""The key of the house rules: there is one house."""
NO_HOUSE: Final = HouseRules(house_rules=HOUSE, title="No house rules yet")


class Plans:
    """(service goal, version, house version) → plan. Version 0 of either is: none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: dict[tuple[str, int, int], Plan] = {}

    def __call__(self, service_goal: str, version: int, house_version: int) -> Plan:
        """Raises KeyError when there is no such published version."""
        place = (service_goal, version, house_version)
        found = self._plans.get(place)
        if found is None:
            found = compile_plan(
                self._service_goal(service_goal, version),
                self._house(house_version),
                pinned_models(service_goal, version) if service_goal else {},
                pinned_models(HOUSE, house_version) if house_version else {},
            )
            with self._lock:
                self._plans[place] = found
        return found

    @staticmethod
    def _service_goal(key: str, version: int) -> ServiceGoal | None:
        return read_service_goal(_text(key, version)) if key else None

    @staticmethod
    def _house(version: int) -> HouseRules:
        return read_house_rules(_text(HOUSE, version)) if version else NO_HOUSE

    def forget(self) -> None:
        """Drop what was compiled: the database behind was replaced (tests do)."""
        self._plans.clear()
        the_models.forget()
        the_flows.forget()
        latest_versions.forget()  # type: ignore[attr-defined]


def _text(key: str, version: int) -> str:
    text = VersionRow.objects.filter(key=key, version=version).values_list("text", flat=True).first()
    if text is None:
        raise KeyError(f"There is no version {version} of “{key}” in the library.")
    return text


@remember(timedelta(seconds=1))
def latest_versions() -> dict[str, tuple[str, int]]:
    """Key → (kind, latest published version) of all that is offered and a case can be under; models are in
    `decisions.latest_models` and `flows.latest_flows`.
    """
    found = DefinitionRow.objects.filter(offered=True, version__gt=0).exclude(kind__in=KINDS)
    rows = found.values_list("key", "kind", "version")
    return {key: (kind, version) for key, kind, version in rows}


def latest(key: str) -> int:
    """The version that a new case of this service goal gets; 0 when it is not offered."""
    return _latest(key, "service goal")


def house_version() -> int:
    """The version of the house rules that a new case gets; 0 when there are none."""
    return _latest(HOUSE, "house rules")


def _latest(key: str, wanted: str) -> int:
    kind, version = latest_versions().get(key, ("", 0))
    return version if kind == wanted else 0


the_plans: Final = Plans()


def offered_goals() -> list[ServiceGoal]:
    """The service goals that a case may be opened from, by title."""
    house = house_version()
    goals = [
        the_plans(key, version, house).service_goal
        for key, (kind, version) in latest_versions().items()
        if kind == "service goal"
    ]
    return sorted((goal for goal in goals if goal is not None), key=lambda goal: goal.title)
