"""The examples in docs/protocol.md are what the code accepts, and the schema is fresh."""

import re
from pathlib import Path

import msgspec
import pytest

from config.schema import components
from sync import configuration, messages

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)```", (DOCS / "protocol.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_example_decodes(name: str, text: str) -> None:
    source = messages if hasattr(messages, name) else configuration
    decoded = msgspec.json.decode(text, type=getattr(source, name))
    again = msgspec.json.decode(msgspec.json.encode(decoded), type=type(decoded))
    assert decoded == again


def test_every_exchange_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == {
        "EnrolmentRequest",
        "EnrolmentReply",
        "CredentialRequest",
        "CredentialReply",
        "Batch",
        "Receipt",
        "Heartbeat",
        "Configuration",
        "ConfigurationReport",
    }


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    assert (DOCS / "protocol.schema.json").read_bytes() == protocol_schema()


@pytest.mark.parametrize("name", ["response", "questionnaire"])
def test_an_id_with_a_newline_behind_it_is_no_id(name: str) -> None:
    fields = {"response": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "questionnaire": "a" * 64}
    said = {"type": "end", "language": "en", "outcome": "complete"} | fields
    assert msgspec.convert(said, messages.EndBody)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said | {name: f"{fields[name]}\n"}, messages.EndBody)


def protocol_schema() -> bytes:
    """The JSON Schema of every exchange; running this file writes it."""
    types = [
        messages.EnrolmentRequest,
        messages.EnrolmentReply,
        messages.CredentialRequest,
        messages.CredentialReply,
        messages.Batch,
        messages.Heartbeat,
        messages.Receipt,
        configuration.Configuration,
        messages.Problem,
    ]
    _references, described = components(types, "#/$defs/{name}")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Hymio kiosk protocol {messages.PROTOCOL}",
        "$defs": described,
    }
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


if __name__ == "__main__":
    (DOCS / "protocol.schema.json").write_bytes(protocol_schema())
