"""Every example of docs/api.md, tried against a real head office."""

import json
import re
import subprocess
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from office import DEFINITION, DIGEST, ServedOffice, answer

from headoffice.export.columns import expressions
from headoffice.export.dialect import dialect
from headoffice.export.sql_views import NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]


def token_of(served: ServedOffice, *more: str) -> str:
    """A token, made as an administrator makes it: on the page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def send(path: str, **fields: str | list[str]) -> str:
        with browser.open(served.url + path) as form:
            token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', form.read().decode())[0]
        body = urlencode({"csrfmiddlewaretoken": token} | fields, doseq=True).encode()
        with browser.open(served.url + path, body) as page:
            return str(page.read().decode())

    send("/login", username="admin", password=served.password)
    page = send("/tokens/", name="docs", scopes=["places", "answers", "results", *more])
    return page.split('id="secret">')[1].split("<")[0]


@pytest.mark.e2e
def test_every_example_with_curl_answers(served: ServedOffice) -> None:
    device = served.enrol("Main street")
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    served.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    assert 200 == served.send("batches", device.batch(answer(1, 2)), **bearer)[0]
    env = {"TOKEN": token_of(served, "live"), "BASE": served.url, "PATH": "/usr/bin:/bin"}
    assert 8 == len(COMMANDS)
    for command in COMMANDS:
        done = subprocess.run(
            ["sh", "-c", command], env=env, capture_output=True, text=True, check=False
        )
        if "/live" in command:
            # It would go on for a while: the three seconds are over, and curl says so.
            assert (28, True) == (done.returncode, done.stdout.startswith("retry: 2000\nid: "))
            continue
        assert 0 == done.returncode, (command, done.stderr)
        reply = json.loads(done.stdout)
        assert "data" in reply or "openapi" in reply, (command, reply)


@pytest.mark.django_db
def test_every_column_of_the_files_and_every_view_is_described() -> None:
    for expression in expressions(dialect(), []):
        assert f"`{expression.column.name}`" in PAGE, expression.column.name
    for name in NAMES:
        assert f"`{name}`" in PAGE
    for statement in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL):
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
def test_every_metric_of_ours_is_described() -> None:
    from prometheus_client import generate_latest

    from headoffice.telemetry.figures import REGISTRY

    text = generate_latest(REGISTRY).decode()
    for name in set(re.findall(r"# TYPE (hymio_\w+) (?:counter|gauge|histogram)", text)):
        assert f"`{name}" in PAGE, name
