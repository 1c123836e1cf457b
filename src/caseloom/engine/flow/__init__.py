"""Flows: BPMN 2.0 processes that run inside a case, in the case's own event stream."""
