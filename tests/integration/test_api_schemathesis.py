"""The read API held to its own OpenAPI document, over HTTP, by schemathesis."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from office import DEFINITION, DIGEST, ServedOffice, answer
from test_api_document import token_of

EXAMPLES = int(os.environ.get("HYMIO_TEST_API_EXAMPLES", "5"))
"""For each address and phase; `scripts/faults fuzz` takes 150."""


@pytest.mark.e2e
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("authenticated", [True, False])
def test_what_the_document_says_holds_for_every_request(
    served: ServedOffice, authenticated: bool, tmp_path: Path
) -> None:
    device = served.enrol("Main street")
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    served.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    assert 200 == served.send("batches", device.batch(answer(1, 2), answer(2, 0)), **bearer)[0]
    # Without the scope “live”: a stream would be read for a minute each time.
    token = ["-H", f"Authorization: Bearer {token_of(served)}"] if authenticated else []
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            "run",
            f"{served.url}/api/v1/openapi.json",
            f"--max-examples={EXAMPLES}",
            "--checks=all",
            "--phases=examples,coverage,fuzzing,stateful",
            "--generation-database=none",
            "--seed=1",
            *token,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
