"""A link is shown to whom it leads somewhere, and to nobody else."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from headoffice.accounts.models import Role, User
from headoffice.fleet import places
from headoffice.web.navigation import MORE, PAGES, SET_UP, MayOpen, Navigation

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LINKS = {link.name: link for link in (*PAGES, *SET_UP, *MORE)}
NAV = re.compile(r"<nav [^>]*>(.*?)</nav>", re.DOTALL)


def member(role: Role) -> tuple[User, Client]:
    till = places.get_or_create_point("Finland / Turku / Till", "Europe/Helsinki")
    group = till.group if role == Role.MANAGER else None
    user = User.objects.create(username=f"some {role}", role=role)
    if group is not None:
        user.responsibilities.create(group=group)
    client = Client()
    client.force_login(user)
    return user, client


def links_of(client: Client, address: str) -> set[str]:
    page = client.get(address).content.decode()
    return {link for nav in NAV.findall(page) for link in re.findall(r'href="([^"?]*)', nav)}


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("role", Role)
def test_a_link_is_shown_exactly_to_whom_its_page_exists(role: Role, name: str) -> None:
    user, client = member(role)
    navigation = Navigation(user)
    shown = [*navigation.pages, *navigation.set_up, *navigation.more]
    expected = 200 if LINKS[name] in [item.link for item in shown] else 404
    assert expected == client.get(reverse(name)).status_code


def test_something_is_hidden_from_all_but_administrators() -> None:
    may = {role: MayOpen(member(role)[0]) for role in Role}
    hidden = {
        role: {name for name in LINKS if not may[role][name.replace("-", "_")]} for role in Role
    }
    others = {"tokens", "people", "new-code"}
    assert {
        Role.ADMINISTRATOR: {"shop"},
        Role.ANALYST: {*others, "shop"},
        Role.MANAGER: others,
    } == hidden


@pytest.mark.parametrize("role", Role)
def test_every_page_draws_its_links_from_the_table(role: Role) -> None:
    user, client = member(role)
    navigation = Navigation(user)
    frame = {item.address for item in (*navigation.pages, *navigation.more)}
    tabs = {item.address for item in navigation.set_up}
    for name in LINKS:
        if MayOpen(user)[name.replace("-", "_")]:
            expected = frame | tabs if name in {link.name for link in SET_UP} else frame
            assert expected == links_of(client, reverse(name)), name


def test_who_is_not_logged_in_is_shown_no_link() -> None:
    navigation = Navigation(AnonymousUser())
    assert [] == [*navigation.pages, *navigation.set_up, *navigation.more]
    assert set() == links_of(Client(), reverse("login"))


def test_the_present_page_is_marked_in_the_head_and_among_the_tabs() -> None:
    _user, client = member(Role.ADMINISTRATOR)
    page = client.get(reverse("people")).content.decode()
    marked = re.findall(r'href="([^"]*)"[^>]*aria-current="page"', page)
    assert [reverse("kiosks"), reverse("people")] == marked


def test_a_page_that_is_not_there_is_nowhere_in_the_navigation() -> None:
    _user, client = member(Role.ANALYST)
    page = client.get(reverse("people"))
    assert 404 == page.status_code
    assert 'aria-current="page"' not in page.content.decode()
