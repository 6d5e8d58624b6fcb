"""Making, finding and withdrawing the links of walls.

A link shows what its maker saw when it was made, and goes on when they have left: a television in
a staff room is nobody's. Who may withdraw it sees who made it and when it was last asked for.
"""

import datetime as dt
import secrets

from django.db.models import QuerySet

from headoffice import clock
from headoffice.accounts.access import sees_everything
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.fleet.tree import Tree
from headoffice.results.places import Directory
from headoffice.walls.models import WallLink
from headoffice.web.bearer import hash_secret

_NOTED_EVERY = dt.timedelta(hours=1)


def create_link(user: User, title: str, query: str, language: str) -> str:
    """A link to the wall with this query; its secret, 256 random bits, is told here once."""
    secret = secrets.token_urlsafe(32)
    own = list(user.responsibilities.values_list("group", "point"))
    link = WallLink.objects.create(
        hash=hash_secret(secret),
        title=title[:300],
        query=query,
        language=language,
        everything=sees_everything(user),
        groups=[group for group, _point in own if group],
        points=[point for _group, point in own if point],
        maker=user.username,
    )
    record("wall.link_made", user, link)
    return secret


def find_link(secret: str) -> WallLink | None:
    """The link with this secret; searched by its hash, so the time of the search tells nothing."""
    return WallLink.objects.filter(hash=hash_secret(secret)).first()


def note_use(link: WallLink) -> None:
    """Say that somebody looks at it."""
    now = clock.now()
    if link.last_used_at is None or abs(now - link.last_used_at) > _NOTED_EVERY:
        WallLink.objects.filter(pk=link.pk).update(last_used_at=now)


def visible_links(user: User) -> "QuerySet[WallLink]":
    """Those that this person may withdraw: who sees everything all, a manager the own ones."""
    rows = WallLink.objects.order_by("title", "pk")
    return rows if sees_everything(user) else rows.filter(maker=user.username)


def directory_of(link: WallLink) -> Directory:
    """The places that may be shown through this link now."""
    tree = Tree.load()
    if link.everything:
        return Directory.within(tree, frozenset(tree.groups), frozenset(), complete=True)
    groups = frozenset[int]().union(*map(tree.under, link.groups))
    return Directory.within(tree, groups, frozenset(link.points))
