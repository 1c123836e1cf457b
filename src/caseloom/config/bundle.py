"""Static files under names that carry a hash of their content, so that browsers keep them for ever.

`caseloom up` collects them into the data folder. What is not collected (in tests, in a fresh clone) keeps its
plain name.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class BundleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names for collected files, plain names for the others."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name of a file, or the plain one when it was not collected."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def create_compressor(self, **kwargs: object) -> Compressor:
        """gzip alone: brotli takes half a minute for a few per cent."""
        return Compressor(use_brotli=False, **kwargs)


def collect() -> None:
    """Collect the static files, unless nothing changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / "collected"
    state = _state()
    if not stamp.exists() or stamp.read_text() != state:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state)


def _state() -> str:
    """A digest over name, size and time of every static file of the installed packages."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(None):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
