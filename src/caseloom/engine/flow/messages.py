"""Messages that a flow says (BPMN 2.0.2 §8.4.11): to the flow of this case that waits for one, else to whoever does in
another case.
"""

from collections.abc import Mapping

from caseloom.engine.feel import Value
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import Definition
from caseloom.engine.flow.run import Run, Token
from caseloom.engine.flow.state import Flow
from caseloom.engine.flow.variables import evaluate, wire_of
from caseloom.engine.flow.waits import deliver_message, key_text
from caseloom.engine.spec.values import ValueFault


def say(run: Run, flow: Flow, token: Token, definition: Definition, given: Mapping[str, Value]) -> str:
    """Say the message of an event or a send task, with these values; why that is not possible, or empty."""
    key = ""
    if definition.correlation is not None:
        key = key_text(evaluate(run.host, flow, token.scope, definition.correlation, given))
    try:
        wires = {name: wire_of(value) for name, value in given.items()}
    except ValueFault as fault:
        return f"The message “{definition.spec.name}” cannot be said: {fault}"
    caught = deliver_message(run, definition.spec.name, key, given)
    run.host.emit(
        e.MessageThrown(
            flow=flow.id,
            element=token.step.id,
            name=definition.spec.name,
            caught=caught,
            private=e.ThrownPrivate(key, wires),
        )
    )
    return ""
