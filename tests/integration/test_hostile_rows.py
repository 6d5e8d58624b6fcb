"""Every page, every file and every address for programs survives whatever the tables hold."""

import io
import logging
import os
import zipfile
from typing import Any

import pytest
from addresses import routes
from django.db import transaction
from django.test import Client
from hostile_rows import Planter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from office import Device, answer

from config.values import ContactDetails
from headoffice import clock
from headoffice.accounts import access
from headoffice.accounts.models import Role, User
from headoffice.api.models import Scope, Token
from headoffice.api.tokens import create_token
from headoffice.authoring import history
from headoffice.authoring.documents import new_document
from headoffice.configuration.models import RollOut
from headoffice.export import parquet
from headoffice.export.models import Export
from headoffice.fleet import enrolment
from headoffice.fleet.models import ExperiencePoint
from headoffice.notes.models import Note
from headoffice.questionnaires.models import Version
from headoffice.walls.links import create_link
from headoffice.walls.models import WallLink

pytestmark = [pytest.mark.database, pytest.mark.django_db]
EXAMPLES = int(os.environ.get("HYMIO_HOSTILE_ROWS", "5"))
"""As said, other rows each time; else the same ones, so that a run can be compared with another."""
ROUTES = [route for route in routes() if access.KIOSKS not in route.admits]
MORE = (
    "/results/?period=today", "/results/?misuse=1&test=1", "/results/place?place=p{point}",
    "/results/place?place=k{kiosk}&period=year", "/results/compare?least=1&period=year",
    "/results/comments?reach=1", "/results/comments?mood=2-of-3&q=x", "/wall?misuse=1",
    "/results/questions?questionnaire=form&period=year", "/live?page=2", "/kiosks/?search=1",
    "/api/v1/answers?misuse=1&test=1&limit=1000", "/api/v1/responses?misuse=1&test=1&limit=1000",
    "/api/v1/results?by=kiosk&step=day", "/api/v1/results?by=place&step=week&misuse=1&test=1",
    "/api/v1/results?by=questionnaire&step=month", "/api/v1/results?by=all",
)  # fmt: skip


class Visitor:
    """Somebody who opens everything that there is."""

    def __init__(self) -> None:
        self.device = Device.enrolled("Sweden / Malmö / Exit")
        self.device.define()
        left = answer(2, ContactDetails(True, "Ann"), question="who", questionnaire="0" * 64)
        self.device.deliver(answer(1), left)
        self.point = ExperiencePoint.objects.get(name="Exit")
        self.user = User.objects.create(username="ann", role=Role.ADMINISTRATOR)
        self.page, self.program = Client(), Client()
        self.page.force_login(self.user)
        secret = create_token("all", list(Scope), self.user)
        self.bearer = {"Authorization": f"Bearer {secret}"}
        today = clock.now().date()
        note = Note.objects.create(point=self.point, first=today, last=today, text="Strike")
        self.samples = {
            "note": note.pk,
            "scope": f"p{self.point.pk}",
            "roll_out": RollOut.objects.create(title="Louder").pk,
            "secret": create_link(self.user, "Wall", "", "en"),
            "link": WallLink.objects.get().pk,
            "batch": enrolment.create_codes([self.point], "ann").id,
            "kiosk": self.device.row.pk,
            "point": self.point.pk,
            "group": self.point.group_id,
            "person": self.user.pk,
            "digest": "0" * 64,
            "questionnaire": "checkout",
            "path": "x",
            "draft": history.begin(new_document("Draft", ["en"]), self.user).pk,
            "version": Version.objects.exclude(definition=None)[0].pk,
            "response": left.body.response,
            "token": Token.objects.get().pk,
            "export": self.export("answers", "csv").pk,
        }

    def export(self, data: str, format_: str) -> Export:
        query = "period=all&misuse=1&test=1"
        return Export.objects.create(user=self.user, data=data, format=format_, query=query)

    def open(self, address: str) -> Any:
        client, headers = (
            (self.program, self.bearer) if address.startswith("/api/") else (self.page, {})
        )
        # Like the server, each request in a transaction of its own.
        with transaction.atomic():
            response = client.get(address, headers=headers)
            assert response.status_code < 500, (
                address,
                response.status_code,
                response.content[:200],
            )
            if response.streaming and "live" not in address:
                return b"".join(response.streaming_content)
            return b"" if response.streaming else response.content

    def open_everything(self) -> None:
        for route in ROUTES:
            if "live" not in route.pattern or route.pattern == "live":
                self.open(route.address(self.samples))
        for address in MORE:
            self.open(address.format(**self.samples))

    def take_everything(self) -> None:
        formats = ["csv", "xlsx", *(["parquet"] if parquet.available() else [])]
        for data in Export.Data.values:
            for format_ in formats:
                export = self.export(data, format_)
                file = self.open(f"/export/{export.pk}/file")
                export.refresh_from_db()
                assert Export.State.DONE == export.state, (data, format_)
                if format_ == "csv":
                    file.decode()
                if format_ == "xlsx":
                    assert zipfile.ZipFile(io.BytesIO(file)).testzip() is None


@settings(
    max_examples=2,
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck],
)
@given(st.data())
def test_no_row_breaks_a_page_a_file_or_an_address_for_programs(
    db: None, data: st.DataObject
) -> None:
    del db
    survive(data)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(
    max_examples=EXAMPLES,
    phases=(Phase.generate,),
    deadline=None,
    derandomize="HYMIO_HOSTILE_ROWS" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck],
)
@given(st.data())
def test_no_row_breaks_anything_many_times(db: None, data: st.DataObject) -> None:
    del db
    survive(data)


def survive(data: st.DataObject) -> None:
    logging.disable(logging.WARNING)
    try:
        with transaction.atomic():
            visitor = Visitor()
            Planter(data.draw, visitor.device.row, visitor.point).plant()
            visitor.open_everything()
            visitor.take_everything()
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)
