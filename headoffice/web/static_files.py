"""Which files the pages may load: their own, and the faces and letters that the kiosks show."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

_SUFFIXES = (".css", ".js", ".svg", ".ttf", ".txt")


class PageFiles(FileSystemFinder):
    """Only what a page loads; the folder of the faces holds programs too."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        """The files with their storages, without programs."""
        for path, storage in super().list(ignore_patterns or []):
            if path.endswith(_SUFFIXES):
                yield path, storage
