"""Pages that renew themselves: what changed is sent, and nothing else is touched in the page.

Each part of such a page carries a mark of what it shows. The page asks with the marks that it has,
in their order; parts with other marks take the place of theirs. So a cursor, a selected text and
the reader's place stay where they are, and a second in which nothing happened costs no bytes.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

MARK = 10
"""Hexadecimal digits of a mark: 40 bits, and a page has some sixty of them."""


class Part(NamedTuple):
    """A part of a page that renews itself."""

    key: str
    """Its place in the page."""
    content: SafeString
    mark: str
    tag: str = "div"
    look: str = ""
    """Its classes."""


def mark_of(*shown: object) -> str:
    """The same for the same figures, languages and words; else another."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:MARK]


def render_part(
    key: str, template: str, context: dict[str, Any], *, tag: str = "div", look: str = ""
) -> Part:
    """A part as a template draws it."""
    content = SafeString(render_to_string(template, context).strip())
    return Part(key, content, mark_of(content), tag, look)


def marks_seen(request: HttpRequest) -> list[str]:
    """The marks that a page has; whatever else stands there is no mark of a part."""
    return request.GET.get("seen", "").split(".")


def reload_page(status: int = 200) -> HttpResponse:
    """Has the whole page load itself anew: what it shows, or how, is not there any more."""
    return HttpResponse(status=status, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})


def changes(request: HttpRequest, parts: Sequence[Part], **more: Any) -> HttpResponse | None:
    """The parts whose marks a page does not have, or 204; none if it is made of other parts.

    The first part tells which there are: a page that has another one has to be drawn anew. One
    whose marks are no marks is told to load itself.
    """
    seen = marks_seen(request)
    if "HX-Request" in request.headers and any(len(mark) != MARK for mark in seen):
        # A page of an earlier version would put the parts in the place of everything.
        return reload_page()
    if len(seen) != len(parts) or seen[0] != parts[0].mark:
        return None
    changed = [part for part, mark in zip(parts, seen, strict=True) if part.mark != mark]
    if not changed:
        return HttpResponse(status=204)
    return render(request, "results/live_changes.html", {"changed": changed, **more})
