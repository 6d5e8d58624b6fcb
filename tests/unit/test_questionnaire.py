"""The identity of a questionnaire, and the schema that editors use."""

import msgspec

from config.loader import load_questionnaire
from config.questionnaire import Questionnaire, Smiley, canonical, digest
from config.schema import schema


def test_the_digest_does_not_depend_on_the_order_of_languages_in_a_text() -> None:
    one, other = (
        Questionnaire(
            id="q",
            title="Q",
            languages=("en", "fi"),
            questions=(Smiley(id="rating", text=dict(texts)),),
        )
        for texts in ([("en", "a"), ("fi", "b")], [("fi", "b"), ("en", "a")])
    )
    assert canonical(one) == canonical(other)
    assert digest(canonical(one)) == digest(canonical(other))


def test_another_text_is_another_version() -> None:
    first = load_questionnaire("checkout")
    second = msgspec.structs.replace(first, title="Something else")
    assert digest(canonical(first)) != digest(canonical(second))


def test_a_definition_survives_the_way_to_the_head_office() -> None:
    questionnaire = load_questionnaire("checkout")
    assert questionnaire == msgspec.json.decode(canonical(questionnaire), type=Questionnaire)


def test_defaults_are_left_out_of_the_definition_so_that_new_ones_keep_old_digests() -> None:
    minimal = Questionnaire(
        id="q", title="Q", languages=("en",), questions=(Smiley(id="rating", text={"en": "?"}),)
    )
    assert (
        b'{"id":"q","languages":["en"],"questions":'
        b'[{"id":"rating","kind":"smiley","text":{"en":"?"}}],"title":"Q"}'
    ) == canonical(minimal)


def test_the_schemas_name_every_kind_of_question_and_every_section() -> None:
    text = msgspec.json.encode(schema("questionnaire")).decode()
    kinds = ("smiley", "nps", "ces", "csat", "yes_no", "scale", "single_choice")
    assert all(f'"{kind}"' in text for kind in (*kinds, "multiple_choice", "text", "contact"))
    settings = schema("settings")["$defs"]["Settings"]["properties"]
    assert {"head_office", "screen", "timing", "storage", "sync"} <= settings.keys()
