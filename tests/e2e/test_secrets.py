"""No secret in what any program says at its most talkative, nor in a list of processes."""

import json
import os
from pathlib import Path

import pytest
from journey import HeadOffice, Kiosk
from processes import run_to_end, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TALKATIVE = """
log_level = "debug"
[sync]
every = 0.5
heartbeat = 0.5
"""


class Ears:
    """Everything that was said, and every secret that was about."""

    def __init__(self, kiosk: Kiosk, office: HeadOffice) -> None:
        self.kiosk, self.office = kiosk, office
        self.heard: list[str] = []
        self.secrets: set[str] = set()

    def listen(self) -> str:
        """What the two programs have said since they were last started."""
        said = self.kiosk.said() + self.office.said()
        for program in (self.kiosk, self.office):
            if program.is_running():
                self.heard.append(Path(f"/proc/{program.pid}/cmdline").read_text())
        self.heard.append(said)
        return said

    def ask(self, command: str, *arguments: str, stdin: str = "") -> str:
        """Run one of the kiosk's other programs."""
        where = ["--data", str(self.kiosk.data), "--config", str(self.kiosk.config)]
        said = run_to_end(
            [self.kiosk.program, command, *arguments, *where], stdin=stdin, env=self.kiosk.env
        )
        self.heard.append(said)
        return said

    def learn(self) -> str:
        """The credential that is good now, and the one before."""
        known = json.loads((self.kiosk.data / "identity.json").read_bytes())
        self.secrets |= {known["credential"], known.get("previous", "")} - {""}
        return str(known["credential"])


def test_no_program_says_a_secret_whatever_happens(tmp_path: Path) -> None:
    office = HeadOffice(tmp_path)
    kiosk = Kiosk(tmp_path, os.environ["DISPLAY"], settings=TALKATIVE)
    ears = Ears(kiosk, office)
    with office.start():
        code = office.enrolment_code("Till 1")
        ears.secrets |= {code, code.replace("-", "")}
        ears.ask("enrol", "-", "--url", office.url, stdin=f"{code}\n")
        first = ears.learn()
        ears.ask("renew")
        second = ears.learn()
        assert first != second
        with kiosk.start():
            wait_until(
                lambda: '/api/kiosk/v1/heartbeats HTTP/1.1" 200' in ears.listen(),
                "a heartbeat in the kiosk's log, so that it is talkative enough",
                seconds=20,
                watched=(kiosk, office),
            )
            ears.ask("renew")
            third = ears.learn()
            wait_until(lambda: "another credential" in ears.listen(), "the renewal", seconds=20)
            ears.ask("status")
            ears.ask("status", "--json")
            run_to_end([office.program, "revoke", "1", "--data", str(office.data)], env=office.env)
            wait_until(lambda: '" 401 ' in ears.listen(), "a refusal", seconds=20)
        kiosk.config.write_text(
            f'{TALKATIVE}[head_office]\nurl = "https://127.0.0.1:{office.port}"\n'
        )
        with kiosk.start():
            wait_until(
                lambda: "https connection" in ears.listen().lower(), "TLS to a plain port",
                seconds=20,
            )  # fmt: skip
        ears.listen()
    assert {first, second, third} < ears.secrets
    assert 5 == len(ears.secrets)
    told = "\n".join(ears.heard)
    assert [] == [secret for secret in ears.secrets if secret in told]
