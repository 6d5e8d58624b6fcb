"""What a configuration comes to on a kiosk, what is refused and why, and how it proves itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from configuring_office import document, file_entry
from fakes import HEAD_OFFICE, KIOSK
from msgspec.structs import replace

from assets.fonts import TYPEFACES
from config.loader import load_questionnaire
from config.questionnaire import canonical
from config.settings import Hours, Screen, Settings, SoundSettings
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import ConfigurationStart, begin_trial, find_start
from kiosk.configuration.store import CANDIDATE, GOOD, ConfigurationStore
from kiosk.troubles import TroubleBoard
from sync.configuration import Configuration, FileEntry, configuration_digest
from sync.errors import ConfigurationRefusalError
from sync.identity import Identity, save_identity

OWN = Settings(
    screen=Screen(fullscreen=False, width=1280, height=800, width_mm=217),
    sound=SoundSettings(volume=0.9),
)
BOOT, OTHER_BOOT = "boot-1", "boot-2"


def definition(**fields: Any) -> dict[str, Any]:
    """A shipped questionnaire's, with other fields."""
    found = msgspec.json.decode(canonical(load_questionnaire("checkout")))
    return {**found, "id": "christmas", **fields}


class Bench:
    """A kiosk's folder, from start to start."""

    def __init__(self, data: Path, own: Settings = OWN) -> None:
        self.data, self.own = data, own
        self.store = ConfigurationStore(data)
        self.boot = BOOT
        save_identity(
            data,
            Identity(
                kiosk=KIOSK, credential="c", place="", head_office=HEAD_OFFICE, url="http://x"
            ),
        )
        self.restart()

    def restart(self) -> ConfigurationStart:
        """The program starts; how it ended before is the test's word."""
        tries = begin_trial(self.data, self.boot, 1_000)
        self.start = find_start(self.data, self.own, tries=tries)
        self.troubles = TroubleBoard()
        ports = KeeperPorts(own=self.own, questionnaire=None, panel_mm=lambda: None)
        self.keeper = StoredConfigurations(self.data, self.start, self.troubles, ports)
        return self.start

    def take(self, *files: tuple[str, bytes], **fields: Any) -> str:
        """The head office wants this; its digest."""
        entries = [file_entry(name, content) for name, content in files]
        body = document(**fields, **({"files": entries} if files else {}))
        configuration = msgspec.json.decode(body, type=Configuration)
        for (_name, content), entry in zip(files, configuration.files, strict=True):
            self.keeper.add_file(entry, content)
        assert not self.keeper.settle(configuration_digest(body))
        self.keeper.take(body, configuration)
        return configuration_digest(body)

    def refusal(self, *files: tuple[str, bytes], **fields: Any) -> str:
        """Why it is not taken."""
        with pytest.raises(ConfigurationRefusalError) as raised:
            self.take(*files, **fields)
        return "\n".join(raised.value.reasons)

    def prove(self) -> None:
        self.keeper.show()
        self.keeper.prove()

    def crash(self, *, shown: bool) -> ConfigurationStart:
        """This start ends without a word."""
        if shown:
            self.keeper.show()
        return self.restart()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_kiosk_without_a_head_office_makes_no_folder(bench: Bench) -> None:
    assert (OWN, "", "good") == (
        bench.start.effect.settings,
        bench.start.in_force,
        bench.start.stage,
    )
    assert not bench.store.folder.exists()


def test_each_setting_lies_alone_over_the_file(bench: Bench) -> None:
    digest = bench.take(
        settings={"sound": {"enabled": True}, "screen": {"theme": "dark"}, "language": "fi"}
    )
    assert bench.keeper.is_waiting
    start = bench.restart()
    assert (digest, "trial") == (start.in_force, start.stage)
    assert (
        replace(
            OWN,
            language="fi",
            sound=SoundSettings(enabled=True, volume=0.9),
            screen=replace(OWN.screen, theme="dark"),
        )
        == start.effect.settings
    )
    assert not bench.keeper.is_waiting


def test_hours_are_said_day_by_day(tmp_path: Path) -> None:
    bench = Bench(tmp_path, replace(OWN, hours=Hours(monday=("09:00-18:00",), sunday=())))
    bench.take(settings={"hours": {"monday": ["10:00-12:00"], "holidays": ["12-25"]}})
    hours = bench.restart().effect.settings.hours
    assert Hours(monday=("10:00-12:00",), sunday=(), holidays=("12-25",)) == hours


def test_pictures_and_fonts_are_found_by_their_names(bench: Bench) -> None:
    font = Path(str(TYPEFACES[0].regular)).read_bytes()
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    bench.take(
        ("own.ttf", font),
        ("logo.svg", logo),
        settings={"screen": {"fonts": ["own.ttf"]}, "brand": {"logo": "logo.svg"}},
    )
    found = bench.restart().effect.settings
    assert font == Path(found.screen.fonts[0]).read_bytes()
    assert logo == Path(found.brand.logo).read_bytes()
    assert ".svg" == Path(found.brand.logo).suffix


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"settings": {"sound": {"volume": 7}}}, "sound.volume: found 7"),
        ({"settings": {"sound": {"loud": True}}}, "sound.loud"),
        ({"settings": {"sound": 3}}, "sound: found 3"),
        ({"settings": {"head_office": {"url": "https://evil.example"}}}, "head_office: found"),
        ({"settings": {"screen": {"touch": "mouse"}}}, "screen.touch: found"),
        ({"settings": {"storage": {}}}, "storage: found"),
        ({"settings": {"questionnaire": "checkout"}}, "questionnaire: found"),
        ({"settings": {"brand": {"logo": "none.png"}}}, "brand.logo: found 'none.png'"),
        ({"settings": {"brand": {"logo": "/etc/passwd"}}}, "brand.logo: found '/etc/passwd'"),
        ({"settings": {"screen": {"fonts": ["../x.ttf"]}}}, "screen.fonts[0]: found"),
        (
            {"settings": {"brand": {"colours": {
                "background": "#ffffff", "text": "#fefefe", "accent": "#000000"}}}},
            "brand.colours.text",
        ),
        (
            {"settings": {"hours": {"monday": ["09:00-12:00", "11:00-13:00"]}}},
            "hours.monday",
        ),
        ({"schedule": [{"definition": {}}]}, "schedule[0].id: found nothing"),
        (
            {"schedule": [{"definition": definition(languages=["en", "xx"])}]},
            "every text is in every language",
        ),
        (
            {"schedule": [{"definition": definition(title="\U00013000 hieroglyphs")}]},
            "letters that no font has",
        ),
    ],
)  # fmt: skip
def test_what_breaks_the_kiosks_own_rules_is_refused(
    bench: Bench, said: dict[str, Any], reason: str
) -> None:
    assert reason in bench.refusal(**said)
    assert not bench.keeper.is_waiting
    assert "" == bench.restart().in_force


def test_every_mistake_is_told_at_once_and_not_more_than_a_heartbeat_takes(bench: Bench) -> None:
    said = {"sound": {"volume": 7, "enabled": "yes"}, "way": {f"k{i:02}": i for i in range(30)}}
    reasons = bench.refusal(settings=said).splitlines()
    assert 20 == len(reasons)
    assert "and 13 more" == reasons[-1]


def branching(condition: dict[str, Any]) -> dict[str, Any]:
    questions = definition()["questions"]
    changed = [*questions[:1], {**questions[1], "show_if": condition}, *questions[2:]]
    return definition(questions=changed)


def test_branching_in_a_circle_is_refused(bench: Bench) -> None:
    own_id = definition()["questions"][1]["id"]
    circle = branching({"question": own_id, "one_of": [True]})
    assert "earlier questions" in bench.refusal(schedule=[{"definition": circle}])


def test_a_panel_that_is_too_small_refuses_what_it_can_not_show(tmp_path: Path) -> None:
    small = replace(OWN, screen=Screen(fullscreen=False, width=480, height=480, width_mm=80))
    english = {"en": "A choice"}
    choice = {
        "kind": "single_choice", "id": "many", "text": english,
        "options": [{"id": f"o{i}", "text": english} for i in range(12)],
    }  # fmt: skip
    rating = {"kind": "smiley", "id": "rating", "text": english}
    crowded = definition(languages=["en"], questions=[rating, choice])
    assert Bench(tmp_path / "usual").take(schedule=[{"definition": crowded}])
    reason = Bench(tmp_path / "small", small).refusal(schedule=[{"definition": crowded}])
    assert "on a panel of 80 x 80 mm" in reason


# --- trial ---


def test_it_is_good_once_it_was_shown_and_stored_an_answer(bench: Bench) -> None:
    digest = bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    bench.keeper.prove()
    assert "trial" == bench.keeper.report().state
    bench.keeper.show()
    assert "shown" == bench.keeper.report().state
    bench.keeper.prove()
    assert ("good", digest) == (bench.keeper.report().state, bench.store.read(GOOD).digest)
    assert "good" == bench.restart().stage


@pytest.mark.parametrize("shown", [False, True])
def test_three_starts_that_fail_bring_the_last_good_one_back(bench: Bench, shown: bool) -> None:
    good = bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    bench.prove()
    bad = bench.take(settings={"sound": {"volume": 0.2}})
    bench.keeper.end()
    assert [bad, bad, bad, good, good] == [
        bench.restart().in_force,
        *(bench.crash(shown=shown).in_force for _ in range(4)),
    ]
    report = bench.keeper.report()
    assert (good, "good", bad, True) == (
        report.in_force,
        report.state,
        report.refusal,
        report.is_fallback,
    )
    assert ("3 starts with it failed",) == report.reasons
    assert ["configuration"] == [each.kind for each in bench.troubles.current]
    # Named again, it is not asked for; the one before is there without being asked for.
    assert bench.keeper.settle(bad)
    assert not bench.keeper.is_waiting
    assert bench.keeper.settle(good)
    assert not bench.keeper.is_waiting
    assert () == bench.troubles.current
    assert good == bench.restart().in_force


def test_without_a_good_one_the_files_hold_after_three_failures(bench: Bench) -> None:
    bench.take(settings={"sound": {"volume": 0.2}})
    bench.restart()
    for _ in range(3):
        start = bench.crash(shown=False)
    assert ("", OWN) == (start.in_force, start.effect.settings)


def test_ends_in_good_order_are_no_failures(bench: Bench) -> None:
    digest = bench.take(settings={"sound": {"volume": 0.2}})
    for _ in range(8):
        assert digest == bench.restart().in_force
        bench.keeper.end()


def test_a_shop_that_cuts_the_power_at_night_makes_no_failures(bench: Bench) -> None:
    digest = bench.take(settings={"sound": {"volume": 0.2}})
    bench.restart()
    for night in range(8):
        bench.boot = f"night {night}"
        assert digest == bench.crash(shown=True).in_force


def test_machines_that_go_down_before_the_faces_are_failures(bench: Bench) -> None:
    bench.take(settings={"sound": {"volume": 0.2}})
    bench.restart()
    for night in range(3):
        bench.boot = f"night {night}"
        bench.crash(shown=False)
    assert "" == bench.start.in_force


def test_another_version_of_the_program_looks_again_at_what_was_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = bench.take(settings={"sound": {"volume": 0.2}})
    bench.restart()
    for _ in range(3):
        bench.crash(shown=False)
    assert "" == bench.start.in_force
    monkeypatch.setattr("kiosk.configuration.start.program_version", lambda: "9.9")
    assert digest == bench.restart().in_force


def test_a_start_that_can_not_be_counted_tries_nothing_new(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.take(settings={"sound": {"volume": 0.2}})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(ConfigurationStore, "save_state", full)
        assert "" == bench.restart().in_force
        assert not bench.keeper.is_waiting
    assert bench.restart().in_force


# --- damage ---


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def altered(content: bytes) -> bytes:
    return content.replace(b"0.2", b"0.3")


@pytest.mark.parametrize("harm", [cut, altered, lambda _content: b"", lambda _content: b"\x00" * 9])
def test_a_file_that_was_cut_or_altered_gives_way_to_the_last_good_one(
    bench: Bench, harm: Callable[[bytes], bytes]
) -> None:
    good = bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    bench.prove()
    newer = bench.take(settings={"sound": {"volume": 0.2}})
    file = bench.store.folder / CANDIDATE
    file.write_bytes(harm(file.read_bytes()))
    assert good == bench.restart().in_force
    report = bench.keeper.report()
    assert report.is_fallback
    assert "cut or altered" in report.reasons[0]
    # It is brought again.
    assert not bench.keeper.settle(newer)
    file = bench.store.folder / GOOD
    file.write_bytes(harm(file.read_bytes().replace(b"0.1", b"0.2")))
    assert ("", OWN) == (bench.restart().in_force, bench.start.effect.settings)


@pytest.mark.parametrize("harm", [cut, lambda _content: b"[[[["])
def test_a_state_that_can_not_be_read_begins_the_trial_anew(
    bench: Bench, harm: Callable[[bytes], bytes]
) -> None:
    digest = bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    file = bench.store.folder / "state.json"
    file.write_bytes(harm(file.read_bytes()))
    start = bench.restart()
    assert (digest, "trial") == (start.in_force, start.stage)


def test_a_picture_that_is_missing_gives_way_to_the_files(bench: Bench) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    bench.take(("logo.svg", logo), settings={"brand": {"logo": "logo.svg"}})
    entry = FileEntry(**file_entry("logo.svg", logo))
    bench.store.file(entry).unlink()
    assert ("", ("logo.svg: missing or damaged",)) == (
        bench.restart().in_force,
        bench.keeper.report().reasons,
    )


def test_pictures_that_nothing_names_any_more_are_taken_away(bench: Bench) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    bench.take(("logo.svg", logo), settings={"brand": {"logo": "logo.svg"}})
    entry = FileEntry(**file_entry("logo.svg", logo))
    bench.restart()
    bench.take(settings={})
    assert bench.store.has_file(entry)
    bench.restart()
    assert not bench.store.has_file(entry)


def test_a_kiosk_that_was_enrolled_elsewhere_forgets_what_the_first_one_wanted(
    bench: Bench,
) -> None:
    bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    bench.prove()
    save_identity(
        bench.data,
        Identity(kiosk=HEAD_OFFICE, credential="c", place="", head_office=KIOSK, url="http://y"),
    )
    assert ("", OWN) == (bench.restart().in_force, bench.start.effect.settings)


def test_the_files_hold_again_when_nothing_is_meant(bench: Bench) -> None:
    bench.take(settings={"sound": {"volume": 0.1}})
    bench.restart()
    bench.prove()
    assert bench.keeper.settle("")
    assert bench.keeper.is_waiting
    assert ("", OWN, "good") == (
        bench.restart().in_force,
        bench.start.effect.settings,
        bench.start.stage,
    )
    assert not bench.keeper.is_waiting


# --- times ---


def test_the_first_questionnaire_whose_time_it_is_is_asked(bench: Bench) -> None:
    bench.take(
        schedule=[
            {"definition": definition(id="advent"), "begins_ms": 100, "ends_ms": 200},
            {"definition": definition(id="always"), "begins_ms": 50},
        ]
    )
    effect = bench.restart().effect

    def due(now_ms: int) -> str | None:
        found = effect.due(now_ms)
        return found.questionnaire.id if found else None

    assert [None, "always", "advent", "advent", "always"] == [
        due(now_ms) for now_ms in (49, 50, 100, 199, 200)
    ]
