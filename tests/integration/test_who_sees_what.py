"""Nobody finds out by searching and counting what they may not read; tokens and exports end."""

import datetime as dt
import random
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from office import Device, answer, new_id
from results_data import FIRST

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api import tokens
from headoffice.api.models import Scope, Token
from headoffice.export.models import Export
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results.masking import mask_personal

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "puolukka-77x"
COMMENTS = (
    "Please ring me, +358 40 123 4567 or ann.lee@example.org",
    "0407654321",
    "write to x_1@a-b.co.uk, door 12",
    "(040) 765-43-21 is the number, at 9:30",
    "Bread was sold out at 9:30",
    "Straße 12, CAFÉ",
    "▇▇▇ is what she said",
    "the queue, example.org and 123",
)


@pytest.fixture
def written() -> Device:
    device = Device.enrolled("Main street")
    device.define(canonical(FIRST))
    seq = 0
    for text in COMMENTS:
        said: dict[str, Any] = {"response": new_id(), "questionnaire": digest(canonical(FIRST))}
        device.deliver(answer(seq + 1, 2, **said), answer(seq + 2, text, question="words", **said))
        seq += 2
    return device


def person(name: str, role: Role, group: Group | None = None) -> Client:
    client = Client()
    client.force_login(create_user(name, PASSWORD, role=role, group=group))
    return client


def found(client: Client, search: str) -> list[str]:
    page = client.get("/results/comments", {"q": search, "test": "all"})
    assert page.status_code == 200
    return sorted(row.text for row in page.context["shown"])


@pytest.mark.usefixtures("written")
def test_a_manager_finds_a_comment_if_its_masked_text_has_what_is_searched() -> None:
    manager = person("manager", Role.MANAGER, Group.objects.get(name="Places"))
    masked = sorted(map(mask_personal, COMMENTS))
    assert masked == found(manager, "")
    chance = random.Random(20261130)  # noqa: S311 - repeats
    # Every beginning of what is hidden, and any piece of any comment.
    pieces = ["▇▇▇ " + hidden[:n] for hidden in ("+358401", "ann.lee") for n in range(1, 8)]
    for text in COMMENTS:
        for _ in range(12):
            first = chance.randrange(len(text))
            pieces.append(text[first : first + chance.randrange(1, 8)])
    for piece in pieces:
        words = piece[:100].strip().casefold().split()
        expected = [text for text in masked if all(word in text.casefold() for word in words)]
        assert expected == found(manager, piece), piece
    # Who may read it all may search it all.
    analyst = person("analyst", Role.ANALYST)
    assert [COMMENTS[0]] == found(analyst, "ann.lee")
    assert [] == found(manager, "ann.lee")


# --- tokens -------------------------------------------------------------------------------


def call(secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    statuses = {
        Client().get(path, headers=headers).status_code
        for path in ("/api/v1/answers", "/api/v1/places", "/api/v1/results?first=2026-11-01")
    }
    metrics = Client().get(
        "/metrics", headers={**headers, "X-Forwarded-For": "9.9.9.9"}
    ).status_code  # fmt: skip
    assert {metrics == 401} == {status == 401 for status in statuses}
    return metrics


def shut_out(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def demote_to_analyst(user: User) -> None:
    User.objects.filter(pk=user.pk).update(role=Role.ANALYST)


def demote_to_manager(user: User) -> None:
    group = Group.objects.create(name="North")
    User.objects.filter(pk=user.pk).update(role=Role.MANAGER)
    user.responsibilities.create(group=group)


def remove(user: User) -> None:
    user.delete()


def let_expire(user: User) -> None:
    Token.objects.filter(created_by=user).update(expires_at=clock.now())


@pytest.mark.parametrize(
    "change", [shut_out, demote_to_analyst, demote_to_manager, remove, let_expire]
)
def test_a_token_opens_nothing_once_its_maker_may_not_make_it(
    change: Callable[[User], None],
) -> None:
    boss = create_user("boss", PASSWORD, role=Role.ADMINISTRATOR)
    secret = tokens.create_token("bi", list(Scope), boss)
    assert call(secret) == 200
    change(boss)
    assert call(secret) == 401
    page = person("other", Role.ADMINISTRATOR).get("/tokens/").content.decode()
    assert ("Expired" if change is let_expire else "Inactive with its creator") in page


def test_a_token_expires_after_a_year_if_nothing_else_is_said() -> None:
    client = person("boss", Role.ADMINISTRATOR)
    for given, days in ({}, 365), ({"days": "30"}, 30), ({"days": ""}, 365), ({"days": "0"}, None):
        asked = {"name": f"for {given}", "scopes": ["live"], **given}
        assert client.post("/tokens/", asked).status_code == 302
        token = Token.objects.order_by("-pk")[0]
        good_for = token.expires_at and token.expires_at - token.created_at
        assert good_for == (dt.timedelta(days=days) if days else None)
    assert 422 == client.post("/tokens/", {**asked, "days": "9999"}).status_code


def test_tokens_of_before_get_a_year_from_the_upgrade() -> None:
    Token.objects.create(name="old", hash=b"1" * 32, scopes="live")
    step = import_module("headoffice.api.migrations.0002_tokens_end")
    step.give_a_year(apps, SimpleNamespace(connection=connection))
    expires = Token.objects.get().expires_at
    assert expires is not None
    assert abs(expires - clock.now() - dt.timedelta(days=365)) < dt.timedelta(minutes=1)


# --- exports ------------------------------------------------------------------------------


def move(maker: User, point: ExperiencePoint) -> None:
    del point
    elsewhere = Group.objects.create(name="Elsewhere")
    maker.responsibilities.update(group=elsewhere)


def move_place(maker: User, point: ExperiencePoint) -> None:
    del maker
    elsewhere = Group.objects.create(name="Elsewhere")
    ExperiencePoint.objects.filter(pk=point.pk).update(group=elsewhere)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("change", [move, move_place])
def test_an_export_about_what_its_maker_sees_no_more_ends(
    change: Callable[[User, ExperiencePoint], None],
) -> None:
    point = ExperiencePoint.objects.get()
    manager = person("manager", Role.MANAGER, point.group)
    asked = {"data": "answers", "format": "csv", "place": f"p{point.pk}"}
    address = manager.post("/export/", asked)["Location"]
    change(User.objects.get(username="manager"), point)
    assert manager.get(f"{address}/file").status_code == 404
    export = Export.objects.get()
    assert (Export.State.FAILED, True) == (export.state, export.ended_at is not None)
