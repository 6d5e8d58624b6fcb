"""My shop: where managers begin."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from headoffice.accounts.access import for_managers
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results.catalogue import Catalogue
from headoffice.results.places import Directory, Place
from headoffice.results.query import parse_filters
from headoffice.results.shop import shop_week


class GoalForm(forms.Form):
    """What the happiness index of a place should be."""

    goal = forms.IntegerField(
        label=gettext_lazy("Goal for the happiness index"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("From 0 to 100; empty: none."),
    )


@require_safe
@for_managers
def shop(request: HttpRequest) -> HttpResponse:
    """The week of the shop that somebody looks after; of several one is chosen."""
    directory = _directory(request)
    shops = _shops(request, directory)
    place = _place(request.GET.get("place", ""), directory, shops)
    if place is None:
        return render(request, "results/shop.html", {"shops": shops, "here": None})
    catalogue = Catalogue.load()
    query = QueryDict(urlencode({"place": place.key}))
    goal = _goal_of(place)
    week = shop_week(
        parse_filters(query, directory, catalogue),
        catalogue,
        directory,
        goal=goal,
        language=(get_language() or "en").split("-")[0],
        personal=False,
    )
    context = {
        "here": place,
        "shops": shops,
        "week": week,
        "form": GoalForm(initial={"goal": goal}),
    }
    return render(request, "results/shop.html", context)


@require_POST
@for_managers
def set_goal(request: HttpRequest) -> HttpResponse:
    """Say what the index of a place should be."""
    directory = _directory(request)
    place = _place(request.POST.get("place", ""), directory, [])
    form = GoalForm(request.POST)
    if place is None:
        return redirect("shop")
    if not form.is_valid():
        messages.error(request, _("A goal is a whole number from 0 to 100."))
    else:
        rows = Group.objects if place.kind == "group" else ExperiencePoint.objects
        rows.filter(pk=int(place.key[1:])).update(goal=form.cleaned_data["goal"])
        record("goal.set", request.user, place.key)
        messages.success(request, _("The goal is saved."))
    return redirect(f"{reverse('shop')}?{urlencode({'place': place.key})}")


def _directory(request: HttpRequest) -> Directory:
    if not isinstance(request.user, User):
        raise TypeError("for managers only")
    return Directory.of(request.user)


def _shops(request: HttpRequest, directory: Directory) -> list[Place]:
    """What somebody looks after; of one group its parts too, where it has groups below."""
    if not isinstance(request.user, User):
        return []
    own = request.user.responsibilities.values_list("group", "point")
    keys = [f"g{group}" if group else f"p{point}" for group, point in own]
    found = [directory.places[key] for key in keys if key in directory.places]
    found.sort(key=lambda place: (place.path, place.name.casefold()))
    if len(found) == 1:
        below = [place for place in directory.below(found[0]) if place.kind == "group"]
        found += below
    return found


def _place(key: str, directory: Directory, shops: list[Place]) -> Place | None:
    """The place of this key; without one the only shop. Http404 for one that is not there."""
    if not key:
        return shops[0] if len(shops) == 1 else None
    place = directory.places.get(key)
    if place is None or place.kind == "kiosk":
        raise Http404
    return place


def _goal_of(place: Place) -> int | None:
    rows = Group.objects if place.kind == "group" else ExperiencePoint.objects
    goal: int | None = rows.values_list("goal", flat=True).get(pk=int(place.key[1:]))
    return goal
