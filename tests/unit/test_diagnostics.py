"""A log that leaves the kiosk has no secrets in it."""

import logging

import pytest

from kiosk.diagnostics import LatestLines, redacted
from sync.commands import MAX_DETAIL


@pytest.mark.parametrize(
    "secret",
    [
        "kD3wkD3wkD3wkD3wkD3wkD3wkD3wkD3wkD3wkD3wkD3",
        "Bearer abc.def",
        "password=hunter2",
        "PIN: 4711",
        "FH5H-X9HF",
        "ana@example.org",
        "https://ana:pass@office.example",
        "/home/ana/hymio",
    ],
)
def test_secrets_are_left_out(secret: str) -> None:
    found = redacted(f"before {secret} after")
    assert found.startswith("before ")
    assert found.endswith(" after")
    assert not {"hunter2", "4711", "ana", "X9HF", "abc"} & set(found.replace("/", " ").split())
    assert secret not in found


def test_the_newest_lines_are_kept_and_fit_into_a_heartbeat() -> None:
    lines = LatestLines()
    for number in range(2000):
        lines.emit(logging.LogRecord("a", 20, "", 0, f"{number} {'x' * 200}", None, None))
    text = lines.text()
    assert MAX_DETAIL >= len(text)
    assert "1999 x" in text
    assert text.startswith("hymio ")
