"""Flows whose case stood still: their timers are put off."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from caseloom.engine.flow.run import Run
from caseloom.engine.flow.waits import change_waits, kept_of


def put_off_timers(run: Run, put_off: Callable[[datetime, bool], datetime]) -> None:
    """Give all timers of the running flows the time back. `put_off` says when something is due now that was due then,
    in business time or not. Dates and cron lines name moments of the calendar, which stay.
    """
    for flow in list(run.host.flows.values()):
        for node in list(flow.nodes.values()):
            if all(wait.due is None for wait in node.waits):
                continue
            kept = [
                (wait, key)
                if wait.due is None or wait.counts == "calendar"
                else (msgspec.structs.replace(wait, due=put_off(wait.due, wait.counts == "business")), key)
                for wait, key in kept_of(node)
            ]
            change_waits(run, flow, node, kept)
