"""Texts and files (YAML; later BPMN, DMN, CMMN) to engine specs and back; pure."""
