"""The WSGI application that granian serves, with everything that it needs loaded."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")
application = get_wsgi_application()

import headoffice.urls  # noqa: E402, F401 - all pages, before the workers are forked

# A batch of a thousand messages makes tens of thousands of short-lived objects and no cycle: at
# Python's own thresholds the collector walks them all, and everything imported, many times over.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 10, 10)
