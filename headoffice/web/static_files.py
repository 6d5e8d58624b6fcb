"""The files that pages load: named after their content, packed, and never asked for twice.

A file's address names its content, so a browser keeps it for a year without asking, and a new
version has another address. WhiteNoise sends the files; what can be packed is packed once, when
the process starts, so that nothing has to be collected or made beforehand.
"""

import functools
import gzip
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

YEAR_S = 365 * 24 * 3600
_SUFFIXES = (".css", ".js", ".svg", ".woff2", ".txt")
_PACKED = (".css", ".js", ".svg")
_LEAST_BYTES = 400
"""Of less, packing saves nothing that a line of headers would not cost."""


class PageFiles(FileSystemFinder):
    """Only what a page loads; the folder of the faces holds programs too."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        """The files with their storages, without programs."""
        for path, storage in super().list(ignore_patterns or []):
            if path.endswith(_SUFFIXES):
                yield path, storage


@functools.cache
def hashed_name(name: str) -> str:
    """The name of a file with a hash of its content in it; LookupError if there is none."""
    found = finders.find(name)
    if found is None:
        raise LookupError(f"there is no static file {name}")
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
    return f"{stem}.{digest}{dot}{suffix}"


@functools.cache
def _packed_file(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


class HashedFiles(StaticFilesStorage):
    """What ``{% static %}`` asks for addresses."""

    def url(self, name: str | None) -> str:
        """The address that names the content."""
        return super().url(name and hashed_name(name))


class StaticFiles(WhiteNoiseMiddleware):
    """Sends the files under both names, by the hashed one for a year."""

    FOREVER = YEAR_S

    def add_files_from_finders(self) -> None:
        """Look for all of them once."""
        super().add_files_from_finders()
        self._packed: dict[str, bytes] = {}
        for url in list(self.files):
            name = url.removeprefix(self.static_prefix)
            hashed = self.static_prefix + hashed_name(name)
            path = Path(str(finders.find(name)))
            self.add_file_to_dictionary(hashed, str(path))
            if name.endswith(_PACKED) and path.stat().st_size >= _LEAST_BYTES:
                self._packed[hashed] = _packed_file(path)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether the address names the content."""
        name = url.removeprefix(self.static_prefix)
        return path != str(finders.find(name))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send a file, or hand the request on."""
        body = self._packed.get(request.path_info)
        if (
            body is None
            or request.method not in ("GET", "HEAD")
            or "gzip" not in request.headers.get("Accept-Encoding", "")
            or "Range" in request.headers
        ):
            response: HttpResponse = super().__call__(request)
            if body is not None:
                patch_vary_headers(response, ("Accept-Encoding",))
            return response
        kind = self.media_types.get_type(request.path_info)
        packed = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
        packed["Content-Encoding"] = "gzip"
        packed["Cache-Control"] = f"max-age={YEAR_S}, public, immutable"
        patch_vary_headers(packed, ("Accept-Encoding",))
        return packed
