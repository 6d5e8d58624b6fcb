"""Ways to break the promise on purpose, each with the test that must notice.

A mutation is applied to a copy of the checkout. One whose text is no longer found is an error:
then the code has moved on, and the mutation has to follow it.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("assets", "config", "sync", "kiosk", "headoffice", "docs", "scripts", "tests")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".mypy_cache", "screens", "vendor", ".hypothesis")

POWER_CUT = (
    "tests/crash/test_power_cut.py::test_a_power_cut_at_any_instant_loses_nothing_that_was_thanked"
)
RECEIPT = "tests/faults/test_receipt.py::test_what_a_receipt_names_outlives_a_kill_that_follows_it"
CONTRACT, RELAY = "tests/contract/test_outbox.py", "tests/unit/test_relay.py"
OVER_HTTP, INGEST = (
    "tests/integration/test_sync_over_http.py",
    "tests/integration/test_headoffice_ingest.py",
)


@dataclass(frozen=True)
class Edit:
    """Replaces what a regular expression finds, which has to be there exactly once."""

    file: str
    pattern: str
    by: str


@dataclass(frozen=True)
class Mutation:
    """What is broken, how, and which test has to fail."""

    name: str
    edits: tuple[Edit, ...]
    test: str


MUTATIONS = (
    Mutation(
        "synchronous=NORMAL",
        (Edit("sync/outbox/rows.py", r"synchronous=FULL", "synchronous=NORMAL"),),
        POWER_CUT,
    ),
    Mutation(
        "thanks before the commit",
        (
            Edit(
                "kiosk/writer.py",
                r"(\n +)messages = outbox\.append\(",
                r"\1self._listener.on_commit(job.ticket, ())\g<0>",
            ),
        ),
        "tests/unit/test_writer.py::test_stored_is_reported_once_it_is_on_the_disk",
    ),
    Mutation(
        "acknowledged before it is sent",
        (
            Edit(
                "sync/relay.py",
                r"(\n +)outcome = self\._transport\.send_batch\(batch\)",
                r"\1if messages:"
                r"\1    self._outbox.settle(position.installation, messages[-1].seq, (), 0)\g<0>",
            ),
        ),
        f"{RELAY}::test_what_is_no_receipt_acknowledges_nothing",
    ),
    Mutation(
        "retention ignores the watermark",
        (
            Edit(
                "sync/outbox/rows.py",
                r"min\(max\(by_age, by_amount\), watermark, removed \+ step\)",
                "removed + step",
            ),
        ),
        f"{CONTRACT}::test_only_delivered_messages_are_ever_removed",
    ),
    Mutation(
        "the watermark never falls",
        (
            Edit(
                "sync/outbox/sqlite.py",
                r"watermark = min\(max\(watermark, removed\)",
                "watermark = min(max(watermark, before)",
            ),
        ),
        f"{CONTRACT}"
        "::test_acknowledged_messages_wait_no_more_and_come_back_when_the_watermark_falls",
    ),
    Mutation(
        "any 200 with a receipt's fields is trusted",
        (
            Edit(
                "sync/transport.py",
                r"if wrong := self\._fault\(receipt, sent\) or _strange\(.*\):",
                "if False:",
            ),
        ),
        f"{OVER_HTTP}::test_a_200_that_is_not_our_receipt_is_not_a_receipt",
    ),
    Mutation(
        "a message numbered anew forgets its origin",
        (
            Edit(
                "sync/outbox/rows.py",
                r"coalesce\(origin_installation, :id\), coalesce\(origin_seq, seq\)",
                ":id, seq",
            ),
        ),
        f"{CONTRACT}::test_a_message_numbered_anew_twice_keeps_its_first_origin",
    ),
    Mutation(
        "earlier installations are not recalled",
        (Edit("sync/relay.py", r"if self\._outbox\.recall\(\):", "if False:"),),
        f"{RELAY}::test_a_restored_head_office_gets_again_what_earlier_installations_delivered",
    ),
    Mutation(
        "a kiosk takes another card's messages for its own",
        (Edit("sync/beginnings.py", r"mine is not None and fingerprint", "False and fingerprint"),),
        "tests/model/test_copied_card.py::"
        "test_the_other_card_fills_the_numbers_of_a_head_office_that_was_put_back",
    ),
    Mutation(
        "the head office stores without a unique key",
        (
            Edit(
                "headoffice/messages/migrations/0001_initial.py",
                r"(name='StoredMessage',\s+fields=\[\s+)\('pk', models\.Composite.*\)\),",
                r"\1('id', models.BigAutoField(primary_key=True)),",
            ),
            Edit("headoffice/ingest/delivery.py", r"\n +take_out_stored\(installation.*", ""),
        ),
        f"{INGEST}::test_delivered_twice_is_stored_and_counted_once",
    ),
    Mutation(
        "the head office takes a conflict for a duplicate",
        (Edit("headoffice/ingest/screening.py", r"if entry\.fingerprint != print_:", "if False:"),),
        f"{INGEST}::test_same_number_with_other_content_is_refused_and_alarmed",
    ),
    Mutation(
        "the receipt is given before the commit",
        (
            Edit(
                "headoffice/ingest/views.py",
                r"receipt = delivery\.deliver\(kiosk, batch, _echo\(body\), received_ms, .*\)",
                "import queue, threading, time\n"
                "        early = queue.SimpleQueue()\n"
                "        def work():\n"
                "            with transaction.atomic():\n"
                "                early.put(delivery.deliver(\n"
                "                    kiosk, batch, _echo(body), received_ms, is_present=True))"
                "\n                time.sleep(1)\n"
                "        threading.Thread(target=work).start()\n"
                "        receipt = early.get()",
            ),
        ),
        RECEIPT,
    ),
    Mutation(
        "the origin of a renumbered message is not looked up",
        (Edit("headoffice/ingest/delivery.py", r"\n +take_out_renumbered\(installation.*", ""),),
        f"{INGEST}::test_renumbered_message_counts_once_whichever_number_comes_first",
    ),
)


class Checkout:
    """A copy of the tree that a test may break."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_OUT)
        shutil.copy(ROOT / "pyproject.toml", folder)
        shutil.copy(ROOT / "README.md", folder)

    def apply(self, mutation: Mutation) -> dict[Path, str]:
        """Break it; returns what the files were. LookupError if the code has moved on."""
        before: dict[Path, str] = {}
        for edit in mutation.edits:
            file = self.folder / edit.file
            text = file.read_text()
            changed, times = re.subn(edit.pattern, edit.by, text)
            if times != 1:
                raise LookupError(
                    f"“{mutation.name}” no longer applies: {edit.pattern!r} is {times} times in "
                    f"{edit.file}. Follow the code in tests/mutations/breakages.py."
                )
            compile(changed, str(file), "exec")
            before.setdefault(file, text)
            file.write_text(changed)
        return before

    def run(self, *tests: str) -> subprocess.CompletedProcess[str]:
        """Run tests of the copy, on the copy's packages."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("HYMIO_", "DJANGO_"))}
        # A display that nobody asks for spares each run a virtual screen of its own.
        env |= {"PYTHONPATH": str(self.folder), "DISPLAY": ":0", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
