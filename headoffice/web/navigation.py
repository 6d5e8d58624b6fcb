"""Where one can go from every page: each link is declared once.

Nothing here says who may open what: a link is shown to exactly those whom its view admits.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from headoffice.accounts.access import Person, View, may_open


@dataclass(frozen=True)
class Link:
    """A way to a page, by the name of its address."""

    name: str
    label: str | Promise
    below: tuple[str, ...] = ()
    """The names of other addresses at which this is the present page."""
    filtered: bool = False
    """Whether it takes the filters of a page of results along."""
    personal: bool = False
    """Whether it names who is logged in."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every address at which this is the present page."""
        return (self.name, *self.below)


SET_UP = (
    Link("kiosks", _("Kiosks"), ("kiosk", "move-kiosk", "recover-pin", "revoke")),
    Link("new-code", _("Registration codes"), ("code-sheet", "withdraw-codes")),
    Link(
        "structure",
        _("Groups and locations"),
        (
            "new-group",
            "edit-group",
            "new-place",
            "edit-place",
            "structure-import",
            "structure-carry-out",
        ),
    ),
    Link(
        "questionnaires",
        _("Questionnaires"),
        (
            "new-questionnaire",
            "import-questionnaire",
            "compare-versions",
            "draft",
            "draft-basics",
            "publish-draft",
            "remove-draft",
            "version",
        ),
    ),
    Link("roll-outs", _("Roll-outs"), ("roll-out", "release", "settings")),
    Link("people", _("Users"), ("person", "deactivate-person", "remove-person")),
)
"""The tabs of what an administrator sets up."""
PAGES = (
    Link("shop", _("My shop")),
    Link("today", _("Today")),
    Link("overview", _("Overview"), filtered=True),
    Link("place", _("Locations"), filtered=True),
    Link("compare", _("Compare"), filtered=True),
    Link("questions", _("Questions"), filtered=True),
    Link("comments", _("Comments"), filtered=True),
    Link("kiosks", _("Kiosks"), tuple(name for link in SET_UP for name in link.names)),
)
"""The head of every page."""
MORE = (
    Link("export-new", _("Export data"), filtered=True),
    Link("api-reading", _("API")),
    Link("tokens", _("Tokens")),
    Link("help", _("What the figures mean")),
    Link("walls", _("Wall links"), ("withdraw-wall-link",)),
    Link("own-password", _("Your password"), personal=True),
)
"""The foot of every page."""


@dataclass(frozen=True)
class ShownLink:
    """A link as one person sees it on one page."""

    link: Link
    address: str
    is_current: bool


class Navigation:
    """What one person may open; worked out only by a template that draws it."""

    def __init__(self, user: Person, current: str = "") -> None:
        self._user = user
        self._current = current

    @property
    def pages(self) -> list[ShownLink]:
        """The head of the page."""
        return self._shown(PAGES)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Each by its own name: Django's list would translate “English”."""
        return list(settings.LANGUAGES)

    @property
    def set_up(self) -> list[ShownLink]:
        """The tabs of what is set up."""
        return self._shown(SET_UP)

    @property
    def more(self) -> list[ShownLink]:
        """The foot of the page."""
        return self._shown(MORE)

    @property
    def elsewhere(self) -> "Navigation":
        """The same on a page that no link leads to."""
        return Navigation(self._user)

    def _shown(self, links: Iterable[Link]) -> list[ShownLink]:
        return [
            ShownLink(link, reverse(link.name), self._current in link.names)
            for link in links
            if may_open(self._user, view_of(link.name))
        ]


class MayOpen:
    """Tells a template: `may_open.new_group` is whether this person may open `new-group`."""

    def __init__(self, user: Person) -> None:
        self._user = user

    def __getitem__(self, name: str) -> bool:
        return may_open(self._user, view_of(name.replace("_", "-")))


@functools.cache
def view_of(name: str) -> View:
    """What answers at the address of this name, which has no arguments."""
    return resolve(reverse(name)).func


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: the links of the frame, and who may open what."""
    # A request that is refused early has nobody yet.
    user: Person = getattr(request, "user", AnonymousUser())
    match = request.resolver_match
    current = (match.url_name or "") if match else ""
    return {"navigation": Navigation(user, current), "may_open": MayOpen(user)}
