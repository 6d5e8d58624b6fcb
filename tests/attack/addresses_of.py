"""Prints every address of the head office and whom it admits, as JSON.

A program of its own: the attacks' process knows the head office by HTTP alone.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HYMIO_DATA": folder, "DJANGO_SETTINGS_MODULE": "headoffice.settings"}
        import django

        django.setup()
        from addresses import routes

        told = [
            {"pattern": r.pattern, "admits": sorted(r.admits), "arguments": r.arguments}
            for r in routes()
        ]
        sys.stdout.write(json.dumps(told))
