"""The WSGI application that the workers serve, with everything that it needs loaded."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")
application = get_wsgi_application()

import headoffice.urls  # noqa: E402, F401 - all pages, before the workers are forked

# A batch of a thousand messages makes tens of thousands of short-lived objects and no cycle: at
# Python's own thresholds the collector walks them all, and everything imported, many times over.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 10, 10)

# Who writes comes back from SQLite a dozen times; a thread that reads would keep it, and everybody
# who wants to write next, waiting for 5 ms each time.
sys.setswitchinterval(0.0005)
