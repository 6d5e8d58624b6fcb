"""Packs what is complete; what is made while it is sent goes as it is made.

Files of exports and live events are streams: they stay as they are, so that memory stays flat and
an event waits for nothing. What a guesser could learn from lengths (BREACH, 2013): docs/adr/0037.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """Django's own, which hides lengths behind a random number of bytes, without streams."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Pack a reply that is complete."""
        if response.streaming:
            return response
        return super().process_response(request, response)
