"""The OpenAPI document is a checked-in snapshot: a change of the API is seen in review."""

import json
from pathlib import Path

from caseloom.web.api.urls import api

SNAPSHOT = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"


def document() -> str:
    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, sort_keys=True, default=str) + "\n"


def test_the_snapshot_is_what_the_code_says() -> None:
    assert document() == SNAPSHOT.read_text(encoding="utf-8"), "run `make docs` and look at what changed in the API"
