"""The WSGI application that granian serves."""

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")
application = get_wsgi_application()

from headoffice.results import summing  # noqa: E402 - its models are there from here on

# Ends with the process; what it had begun is then rolled back and made again by the next one.
threading.Thread(
    target=summing.keep, args=(threading.Event(),), name="summing", daemon=True
).start()

# A batch of a thousand messages makes tens of thousands of short-lived objects and no cycle: at
# Python's own thresholds the collector walks them all, and everything imported, many times over.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 10, 10)
