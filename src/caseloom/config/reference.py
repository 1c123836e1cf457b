"""The parts of the documentation that are made from the code."""

import json
from pathlib import Path

from caseloom.engine.rules.language.kinds import as_markdown
from caseloom.interchange.yaml_text import json_schema
from caseloom.web.api.urls import api


def write_reference(folder: Path) -> list[Path]:
    """Write the OpenAPI document, the JSON Schema of definitions and the kinds of sentences into `folder`; the files
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "openapi.json": api.get_openapi_schema(path_prefix="/api/v1/"),
        "service-goal.schema.json": json_schema(),
    }
    for name, document in documents.items():
        text = json.dumps(document, indent=1, sort_keys=True, default=str) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "rule-sentences.md").write_text(as_markdown(), encoding="utf-8")
    return [folder / name for name in (*documents, "rule-sentences.md")]
