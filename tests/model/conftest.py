"""The head office in the tests' own process, for the model; see ``world.py``."""

import os
import tempfile

from hypothesis import HealthCheck, Phase, settings

_folder = tempfile.TemporaryDirectory(prefix="hymio-model-")
os.environ.setdefault("HYMIO_DATA", _folder.name)
os.environ.setdefault("HYMIO_TIME_ZONE", "Europe/Helsinki")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")

import django  # noqa: E402 - settings read the environment above

django.setup()

_slow = {"deadline": None, "suppress_health_check": list(HealthCheck)}
_slow["phases"] = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("model-modest", max_examples=30, stateful_step_count=30, **_slow)
settings.register_profile("model-large", max_examples=400, stateful_step_count=50, **_slow)
