"""A web process holds nothing that learns: it reads what was learned."""

import os
import subprocess
import sys

HEAVY = {"numpy", "scipy", "sklearn", "onnxruntime", "tokenizers", "lightgbm"}
LOOK = """
import sys
import caseloom.config.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(",".join(sorted(sys.modules)))
"""


def test_a_web_process_imports_nothing_of_the_intake() -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@localhost/nothing"}
    asked = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True)
    loaded = set(asked.stdout.strip().splitlines()[-1].split(","))
    assert "caseloom.web.desk.advice" in loaded
    assert HEAVY & loaded == set()
    assert not [name for name in loaded if name.startswith(("caseloom.learning.intake.", "caseloom.learning.steps."))]
