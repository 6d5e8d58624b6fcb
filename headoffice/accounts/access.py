"""Who may open what: the one place that decides.

Every address of the site is declared with one of the decorators below; a test walks all of them
and fails for one without. What somebody may not see is absent for them: 404, never 403. Which part
of the tree they see, ``fleet.visibility`` says.
"""

import functools
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from headoffice.accounts.models import Role, User

View = Callable[..., HttpResponse]
Person = User | AnonymousUser
V = TypeVar("V", bound=Callable[..., HttpResponseBase])

PUBLIC = "anyone"
KIOSKS = "kiosks"
TOKENS = "tokens"
"""What ``view.admits`` may hold beside roles: everybody, kiosks or programs by credential."""


# --- what a role allows -------------------------------------------------------------------


def sees_everything(user: Person) -> bool:
    """Whether no part of the tree is hidden from this person."""
    return isinstance(user, User) and user.role in (Role.ADMINISTRATOR, Role.ANALYST)


def is_administrator(user: Person) -> bool:
    """Whether this person may change kiosks, places and people."""
    return isinstance(user, User) and user.role == Role.ADMINISTRATOR


# --- who gets in --------------------------------------------------------------------------


def for_roles(*roles: Role) -> Callable[[View], View]:
    """A page for people with one of these roles.

    Who is not logged in is led to the login page; a live page that lost its session is told to
    go there as a whole. For other roles the page does not exist.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            user = request.user
            if not isinstance(user, User):
                return _to_login(request)
            if user.role not in roles:
                raise Http404
            if user.must_change_password and not _is_way_out(request):
                return redirect(_on_the_way(resolve_url("own-password"), asked_page(request)))
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        return _admits(guarded, *roles)

    return wrap


for_members = for_roles(*Role)
"""A page for everybody who is logged in."""
for_administrators = for_roles(Role.ADMINISTRATOR)
for_managers = for_roles(Role.MANAGER)
for_personal_data = for_roles(Role.ADMINISTRATOR, Role.ANALYST)


def for_public(view: V) -> V:
    """An address without a login, such as the login itself."""
    return _admits(view, PUBLIC)


def for_kiosks(view: V) -> V:
    """An address that checks a kiosk's credential itself."""
    return _admits(view, KIOSKS)


def for_tokens(view: V) -> V:
    """An address that checks the token of a program itself."""
    return _admits(view, TOKENS)


def admissions_of(view: Callable[..., HttpResponseBase]) -> frozenset[str]:
    """Whom a view was declared to admit; empty: nobody has decided."""
    return getattr(view, "admits", frozenset())


def may_open(user: Person, view: Callable[..., HttpResponseBase]) -> bool:
    """Whether what this view makes exists for this person, who need not be logged in."""
    admits = admissions_of(view)
    return PUBLIC in admits or (isinstance(user, User) and user.role in admits)


def _admits(view: V, *whom: str) -> V:
    view.admits = frozenset(str(who) for who in whom)  # type: ignore[attr-defined]
    return view


def asked_page(request: HttpRequest) -> str:
    """The page to come back to: the one asked for or, of a form or a part, where it stands.

    Empty if that is not a page of this head office.
    """
    is_part = "HX-Request" in request.headers
    if request.method in ("GET", "HEAD") and not is_part:
        return request.get_full_path()
    source = request.headers.get("HX-Current-URL" if is_part else "Referer", "")
    if not url_has_allowed_host_and_scheme(source, {request.get_host()}):
        return ""
    parts = urlsplit(source)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _on_the_way(address: str, then: str, **more: str) -> str:
    query = urlencode({"next": then, **more} if then else more)
    return f"{address}?{query}" if query else address


def _to_login(request: HttpRequest) -> HttpResponse:
    # What was sent with a form is gone, and the login page says so.
    lost = {} if request.method in ("GET", "HEAD") else {"ended": "1"}
    login = _on_the_way(resolve_url("login"), asked_page(request), **lost)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": login})
    return redirect(login)


def _is_way_out(request: HttpRequest) -> bool:
    try:
        return resolve(request.path).url_name == "own-password"
    except Resolver404:
        return False
