"""Compiles the catalogues of texts whenever a wheel is built, editable ones included."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from catalogues import compile_stale


class CatalogueHook(BuildHookInterface[Any]):
    """Makes each .mo that is missing or older than its .po, which git and an sdist hold."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Compile before files are collected."""
        compile_stale()
