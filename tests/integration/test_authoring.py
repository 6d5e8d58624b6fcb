"""Questionnaires are written at the head office: the editor's form, its steps, and publishing."""

import itertools
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.loader import document_mistakes, shipped_document
from config.questionnaire import Condition
from config.questionnaire_file import write_document
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.authoring import documents, history, publication
from headoffice.authoring.comparison import compare
from headoffice.authoring.documents import Document, new_document, new_question
from headoffice.authoring.editor_view import DraftView
from headoffice.authoring.identifiers import name_parts, short_name
from headoffice.authoring.models import Draft
from headoffice.authoring.question_fields import Fields, act, read_question
from headoffice.fleet.models import Group
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Publication, Version
from headoffice.questionnaires.unused import remove_unused

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def boss(db: None) -> User:
    del db
    return create_user("boss", "puolukka-77x", role=Role.ADMINISTRATOR)


@pytest.fixture
def client(boss: User) -> Client:
    found = Client()
    found.force_login(boss)
    return found


def begin(client: Client, template: str = "blank", *languages: str) -> Draft:
    form = {"title": "Winter", "template": template, "languages": languages or ("en", "fi")}
    assert 302 == client.post("/questionnaires/new", form).status_code
    return Draft.objects.latest("pk")


def save(client: Client, draft: Draft, key: str, **said: Any) -> Any:
    """Send the form of a question as the page has it, with these fields changed."""
    address = f"/questionnaires/drafts/{draft.pk}?question={key}"
    page = client.get(address).content.decode()
    state = re.findall(r'name="state" id="question-state" value="(\w+)"', page)[0]
    fields = {"state": state} | said
    return client.post(address, fields, headers=HTMX)


def arrange(client: Client, draft: Draft, **said: Any) -> Any:
    return client.post(f"/questionnaires/drafts/{draft.pk}/arrange", said)


def content(draft: Draft) -> Document:
    draft.refresh_from_db()
    return history.present(draft)


def wrong(draft: Draft) -> list[tuple[str, str]]:
    return [(one.path, one.words) for one in DraftView(content(draft), "en").remarks]


def test_a_questionnaire_is_written_from_nothing_and_published(client: Client, boss: User) -> None:
    draft = begin(client)
    assert [] == wrong(draft), "the faces alone are a questionnaire"
    arrange(client, draft, add="multiple_choice", after=["0", "1"])
    assert 6 == len(wrong(draft))
    said = {
        "text.en": "What was  wrong?",
        "text.fi": "Mikä oli vikana?",
        "options[0].text.en": "Waiting time",
        "options[0].text.fi": "Jonotus",
        "options[1].text.en": "Prices & co",
        "options[1].text.fi": "Hinnat",
        "other": "1",
    }
    reply = save(client, draft, "multiple_choice", **said)
    assert "Ready to be published" in reply.content.decode()
    arrange(client, draft, add="text")
    reply = save(client, draft, "text", **{"text.en": "Tell more", "action": "add-condition"})
    said = {"if[0].question": "multiple_choice", "join": "all", "text.en": "Tell more"}
    save(client, draft, "text", **said, action="question")
    save(client, draft, "text", **said, **{"if[0].value": ['"option_1"', '"other"']})
    assert [("questions[2].text.fi", "Still missing: suomi")] == wrong(draft)
    page = client.post(f"/questionnaires/drafts/{draft.pk}/publish", follow=True).content.decode()
    assert "Not everything is ready yet" in page
    assert 0 == Publication.objects.count()
    save(client, draft, "text", **said, **{"text.fi": "Kerro lisää", "if[0].value": '"option_1"'})
    assert [] == wrong(draft)
    assert 302 == client.post(f"/questionnaires/drafts/{draft.pk}/publish").status_code
    made = Publication.objects.get()
    assert (boss, None) == (made.author, made.version.first_kiosk)
    form = parse_definition(made.version.definition)
    assert form is not None
    assert ["rating", "what_was_wrong", "tell_more"] == [one.id for one in form.questions]
    assert "winter" == form.id
    assert Condition("rating", (0, 1)) == form.questions[1].show_if
    assert Condition("what_was_wrong", ("waiting_time",)) == form.questions[2].show_if
    assert 0 == remove_unused()


def test_the_same_is_published_once_and_goes_on_as_a_draft(client: Client, boss: User) -> None:
    draft = begin(client, "checkout")
    first = publication.publish(draft, boss)
    assert first == publication.publish(draft, boss)
    assert "As published" in client.get("/questionnaires/").content.decode()
    client.post(f"/questionnaires/versions/{first.version_id}/draft")
    again = Draft.objects.latest("pk")
    assert first.version == again.version
    assert publication.is_as_published(content(again), first.version)
    save(client, again, "rating", **{"text.en": "How are you?"})
    other = publication.publish(again, boss)
    assert 2 == Publication.objects.count()
    assert first.version.digest != other.version.digest


def test_steps_are_taken_back_and_made_again(client: Client) -> None:
    draft = begin(client)
    before = content(draft)
    arrange(client, draft, add="yes_no")
    for words in ("F", "Fo", "Found it?"):
        save(client, draft, "yes_no", **{"text.en": words})
    after = content(draft)
    arrange(client, draft, undo="1")
    assert {} == content(draft)["questions"][1]["text"], "typing is one step"
    arrange(client, draft, undo="1")
    arrange(client, draft, undo="1")
    assert before == content(draft)
    arrange(client, draft, redo="1")
    arrange(client, draft, redo="1")
    assert after == content(draft)
    arrange(client, draft, remove="yes_no")
    arrange(client, draft, undo="1")
    assert after == content(draft)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(client: Client) -> None:
    draft = begin(client)
    address = f"/questionnaires/drafts/{draft.pk}?question=rating"
    stale = {"state": "0" * 16, "text.en": "Mine"}
    reply = client.post(address, stale, headers=HTMX)
    assert address == reply["HX-Redirect"]
    assert "has been changed elsewhere" in client.get(address).content.decode()
    assert "Mine" != content(draft)["questions"][0]["text"]["en"]


def test_a_reply_that_was_lost_on_the_way_loses_no_words(client: Client) -> None:
    draft = begin(client)
    arrange(client, draft, add="single_choice")
    address = f"/questionnaires/drafts/{draft.pk}?question=single_choice"
    page = client.get(address).content.decode()
    sent = dict(re.findall(r'name="(state|shape)"[^>]* value="(\w+)"', page))
    for words in ("Wh", "Why?"):
        client.post(address, sent | {"text.en": words}, headers=HTMX)
    assert {"en": "Why?"} == content(draft)["questions"][1]["text"]
    save(client, draft, "single_choice", action="remove-option-0")
    late = sent | {"text.en": "Why?", "options[0].text.en": "Queue"}
    assert "HX-Redirect" in client.post(address, late, headers=HTMX), "another first choice"


def test_questions_are_moved_and_the_rating_stays_first(client: Client) -> None:
    draft = begin(client, "demonstration", "en")

    def order() -> list[str]:
        return documents.ids(content(draft)["questions"])

    keys = order()
    arrange(client, draft, move=f"{keys[3]}:0")
    assert [keys[0], keys[3], keys[1], keys[2]] == order()[:4]
    arrange(client, draft, move=f"{keys[3]}:999")
    assert keys[3] == order()[-1]
    arrange(client, draft, copy=keys[1])
    assert [keys[0], keys[1], "multiple_choice", keys[2]] == order()[:4]


def test_a_question_takes_the_conditions_on_it_along_and_its_new_name(client: Client) -> None:
    draft = begin(client, "demonstration", "en")
    save(client, draft, "found", id="all_found")
    names = {c["question"] for c in documents.conditions(content(draft))}
    assert "all_found" in names
    assert "found" not in names
    arrange(client, draft, remove="all_found")
    assert "all_found" not in {c["question"] for c in documents.conditions(content(draft))}
    assert [] == wrong(draft)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("yes_no", {"id": "Not a name"}, "A short name begins with a letter"),
        ("yes_no", {"text.en": "x" * 301}, "At most 300 characters."),
        ("text", {"max_length": "9"}, "From 10 to 2000 characters."),
        ("text", {"max_length": "many"}, "From 10 to 2000 characters."),
        ("scale", {"low": "5", "high": "2"}, "From 0 or 1 up to 2 to 10."),
        ("contact", {"text.en": "x"}, "Choose at least one of them."),
        ("single_choice", {"action": "remove-option-0"}, "From 2 to 12 choices."),
        ("single_choice", {"options[0].id": "option_2"}, "This short name is taken already."),
        ("single_choice", {"options[0].id": "other"}, "in one&#x27;s own words"),
        ("yes_no", {"action": "add-condition"}, "Choose a question that is asked earlier"),
    ],
)
def test_each_mistake_stands_at_its_field_in_plain_words(
    client: Client, kind: str, fields: dict[str, str], words: str
) -> None:
    draft = begin(client, "blank", "en")
    arrange(client, draft, add=kind)
    reply = save(client, draft, kind, **{"text.en": "Well?", **fields}).content.decode()
    marks = re.findall(r'<p class="mark wrong" id="(mark-[^"]+)"[^>]*>([^<]+)</p>', reply)
    assert any(words in said for _id, said in marks), marks
    assert re.search(r"\d mistake", reply)


def test_whatever_the_form_sends_the_draft_is_one_that_can_be_shown(client: Client) -> None:
    draft = begin(client, "demonstration", "en")
    values = itertools.cycle(("", "\x00", "99999999999", "x" * 5000, '{"a": 1}', "-1"))
    for key in documents.ids(content(draft)["questions"]):
        page = client.get(f"/questionnaires/drafts/{draft.pk}?question={key}").content.decode()
        names = set(re.findall(r' name="([^"]+)"', page)) - {"state", "id", "csrfmiddlewaretoken"}
        for value in (next(values), next(values)):
            reply = save(client, draft, key, **dict.fromkeys(names, value))
            assert reply.status_code == 200, (key, value)
            assert client.get(f"/questionnaires/drafts/{draft.pk}").status_code == 200
    assert client.get("/questionnaires/").status_code == 200


def test_a_short_name_that_is_taken_gets_a_number_and_an_empty_one_stays(client: Client) -> None:
    draft = begin(client)
    arrange(client, draft, add="yes_no")
    save(client, draft, "yes_no", id="rating", action="rename")
    assert ["rating", "rating_2"] == documents.ids(content(draft)["questions"])
    save(client, draft, "rating_2", id="  ", action="rename")
    assert ["rating", "rating_2"] == documents.ids(content(draft)["questions"])


def test_languages_are_added_put_first_and_removed(client: Client) -> None:
    draft = begin(client, "checkout", "en", "fi")
    basics = f"/questionnaires/drafts/{draft.pk}/basics"
    client.post(basics, {"title": "Spring", "add": "sv"})
    assert ["en", "fi", "sv"] == content(draft)["languages"]
    assert "sv" in documents.missing(content(draft))
    client.post(basics, {"title": "Spring", "first": "fi"})
    client.post(basics, {"title": "Spring", "remove": "sv"})
    client.post(basics, {"title": "Spring", "remove": "en"})
    client.post(basics, {"title": "Spring", "remove": "fi"})
    assert ["fi"] == content(draft)["languages"], "the last one stays"
    assert ("Spring", []) == (draft.title, wrong(draft))
    assert 422 == client.post(basics, {"title": " "}).status_code


def test_several_conditions_are_written_in_the_shortest_way() -> None:
    question = new_question("yes_no", ["en"], [])
    question = act(act(question, "add-condition"), "add-condition")
    sent = {"if[0].question": ["a"], "if[1].question": ["b"], "join": ["any"]}
    read = read_question(question, Fields(sent), ["en"])
    sent |= {"if[0].value": ["0"], "if[1].value": ["true"]}
    read = read_question(read, Fields(sent), ["en"])
    assert [
        {"question": "a", "one_of": [0]},
        {"question": "b", "one_of": [True]},
    ] == read["show_if_any"]
    alone = act(read, "remove-condition-0")
    assert {"question": "b", "one_of": [True]} == alone["show_if"]
    assert "show_if_any" not in alone
    assert "show_if" not in act(alone, "remove-condition-0")


def test_what_files_leave_out_drafts_leave_out_too() -> None:
    for name in ("checkout", "demonstration"):
        document = shipped_document(name)
        for question in document["questions"]:
            plain = read_question(question, Fields({}), [])
            assert set(plain) <= set(question)
        assert () == document_mistakes(document)


def test_short_names_are_made_of_words() -> None:
    assert "what_was_bad" == short_name("What was bad?")
    assert "lahelta_loytyi" == short_name("Läheltä löytyi")
    assert "" == short_name("Было плохо?")
    assert "" == short_name("1. 2. 3.")
    document = new_document("Зима", ["ru"])
    question = new_question("single_choice", ["ru"], document["questions"])
    question["text"] = {"ru": "Почему?"}
    document["questions"].append(question)
    named = name_parts(document)
    assert "questionnaire" == named["id"]
    assert "single_choice" == named["questions"][1]["id"]
    assert ["option_1", "option_2"] == documents.ids(named["questions"][1]["options"])


def test_managers_read_and_change_nothing(client: Client) -> None:
    draft = begin(client, "checkout")
    made = publication.publish(draft, User.objects.get())
    group = Group.objects.create(name="Finland")
    create_user("mia", "puolukka-77x", role=Role.MANAGER, group=group)
    manager = Client()
    manager.force_login(User.objects.get(username="mia"))
    page = manager.get("/questionnaires/").content.decode()
    assert "Winter" in page
    assert "New questionnaire" not in page
    assert 200 == manager.get(f"/questionnaires/versions/{made.version_id}").status_code
    assert 404 == manager.get(f"/questionnaires/drafts/{draft.pk}").status_code


def test_a_draft_is_deleted_and_its_version_stays(client: Client) -> None:
    draft = begin(client, "checkout")
    publication.publish(draft, User.objects.get())
    client.post(f"/questionnaires/drafts/{draft.pk}/remove")
    assert (0, 1) == (Draft.objects.count(), Version.objects.count())


def upload(client: Client, name: str, data: bytes) -> Any:
    return client.post("/questionnaires/import", {"file": SimpleUploadedFile(name, data)})


def test_a_draft_goes_out_as_a_file_and_comes_in_again(client: Client) -> None:
    draft = begin(client, "demonstration")
    file = client.get(f"/questionnaires/drafts/{draft.pk}/file")
    assert 'filename="winter.toml"' in file["Content-Disposition"]
    reply = upload(client, "winter.toml", file.content).content.decode()
    assert "Everything in it was carried over." in reply
    assert name_parts(content(draft)) == content(Draft.objects.latest("pk"))


def test_a_file_that_lacks_words_is_a_draft_and_one_that_breaks_rules_is_none(
    client: Client,
) -> None:
    whole = write_document(shipped_document("checkout"))
    assert 200 == upload(client, "a.toml", whole.encode()).status_code
    lacking = whole.replace('languages = ["en", ', 'languages = ["en", "fr", ').encode()
    assert 200 == upload(client, "a.toml", lacking).status_code
    assert all("français" in words for _path, words in wrong(Draft.objects.latest("pk")))
    count = Draft.objects.count()
    for broken in ("kind =", 'id = "x"', whole.replace("smiley", "smily"), "\x00"):
        assert 422 == upload(client, "a.toml", broken.encode()).status_code
    reply = upload(client, "a.toml", whole.replace('id = "liked"', 'id = "better"').encode())
    assert "each question has an id of its own" in reply.content.decode()
    assert 422 == upload(client, "a.xlsx", b"PK\x03\x04").status_code
    assert count == Draft.objects.count()


def test_two_versions_are_compared_question_by_question(client: Client, boss: User) -> None:
    draft = begin(client, "checkout", "en")
    old = publication.publish(draft, boss).version_id
    save(client, draft, "better", **{"text.en": "What was bad?", "other": "1"})
    arrange(client, draft, remove="liked")
    arrange(client, draft, add="yes_no")
    save(client, draft, "yes_no", **{"text.en": "Again?"})
    new = publication.publish(draft, boss).version_id
    page = client.get(f"/questionnaires/compare?old={old}&new={new}")
    assert [("changed", "better"), ("added", "again"), ("removed", "liked")] == [
        (change.state, change.question["id"]) for change, _words, _kind in page.context["changes"]
    ]
    said = page.context["changes"][0][0].differences
    assert [("text.en", "What could be better?", "What was bad?")] == [tuple(one) for one in said]
    same = client.get(f"/questionnaires/compare?old={old}&new={old}").content.decode()
    assert "The questions are the same." in same


def test_questions_that_change_places_are_told_as_moved() -> None:
    old = shipped_document("demonstration")
    changes = compare(old, documents.with_question_at(old, 5, 7))
    assert {"moved"} == {change.state for change in changes}
    assert [] == compare(old, old)


def test_neighbours_take_turns(client: Client) -> None:
    draft = begin(client, "blank", "en")
    for n in (1, 2):
        arrange(client, draft, add="yes_no")
        key = "yes_no" if n == 1 else "yes_no_2"
        save(client, draft, key, **{"text.en": f"Question {n}?", "pool": "turns"})
    assert [] == wrong(draft)
    save(client, draft, "yes_no_2", **{"text.en": "Question 2?", "pool": ""})
    ((path, words),) = wrong(draft)
    assert "questions[1].pool" == path
    assert "take turns" in words
