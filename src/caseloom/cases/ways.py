"""The way on from a refusal, for who was refused: looked for after the refusal, outside the door's transaction."""

import msgspec

from caseloom.cases.kind import CASES, load_finished, moment
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.ways import named, shortest_way
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state


def with_way_on(access: Access, case: int, command: c.Command, refused: Refused) -> Refused:
    """The refusal with the shortest legal way on as its next steps, where a boundary rule refused a member of staff.

    The case is looked at as it stands now: a way that somebody else's work has cut off meanwhile is not named.
    """
    if refused.code not in ("boundary", "data") or access.actor.kind != "agent":
        return refused
    stored = read_state(the_door(), CASES, case)
    if stored is None:
        return refused
    door = the_door()
    finished = load_finished(case, command.named) if command.named else {}
    around = moment(stored[0], command, Context(now(), access, door.ids, finished))
    return named(refused, shortest_way(stored[0], msgspec.structs.replace(command, override=""), around))
