"""Staff's word on the spot against the head office's: what is locked sleeps, and is not lost."""

from pathlib import Path

import pytest
from gallery_staff import CHOICES, NOW_MS, QUESTIONNAIRE
from msgspec import structs

from config.loader import load_questionnaire
from config.settings import Hours, Screen, Settings, SoundSettings
from kiosk.overrides import (
    ActiveConfig,
    OfficeWord,
    Overrides,
    OverridesChange,
    OverridesStore,
    QuestionnaireInUse,
    SavedOverrides,
    load_overrides,
    sleeping_fields,
)
from kiosk.staff.machine import staff_view
from kiosk.staff.pages.hours import HoursPage, OpenDay, OpenPause
from kiosk.staff.pages.questionnaire import ChooseLanguage, ChooseQuestionnaire, QuestionnairePage
from kiosk.staff.pages.sound import SoundPage
from kiosk.staff.pages.status import report_lines
from kiosk.staff.results import BrightnessLevel, ConfigurationStatus, StatusReport
from kiosk.staff.settings_table import FlipSwitch, LowerSetting
from kiosk.staff.state import StaffPage, StaffState
from kiosk.staff.tasks import ASSIGNMENT

CHECKOUT = load_questionnaire("checkout")
CHRISTMAS = QuestionnaireInUse.of(load_questionnaire("demonstration"))
SET = "Set by the head office"


@pytest.mark.parametrize(
    ("lock", "fields"),
    [
        ("sound.volume", {"volume"}),
        ("sound", {"volume", "sounds"}),
        ("hours", {"hours"}),
        ("hours.monday", {"hours"}),
        ("questionnaire", {"questionnaire"}),
        ("screen.theme", set()),
        ("screen", {"brightness"}),
        ("timing.thanks", set()),
    ],
)
def test_a_lock_is_on_a_setting_or_on_all_of_a_section(lock: str, fields: set[str]) -> None:
    assert fields == sleeping_fields([lock])


def store(folder: Path, office: OfficeWord, overrides: Overrides | None = None) -> OverridesStore:
    """What holds over settings of the head office."""
    settings = Settings(sound=SoundSettings(volume=0.2), screen=Screen(brightness=50))
    saved = SavedOverrides(overrides or Overrides())
    return OverridesStore(folder, settings, saved, CHECKOUT, office)


def test_staffs_word_sleeps_on_what_is_locked_and_is_kept(tmp_path: Path) -> None:
    said = Overrides(volume=0.9, brightness=80, paused=True)
    locked = store(tmp_path, OfficeWord(frozenset({"volume"})), said)
    config = locked.config
    assert (0.2, 80, True) == (
        config.settings.sound.volume,
        config.settings.screen.brightness,
        config.overrides.paused,
    )
    assert ("screen.brightness",) == config.staff_settings
    locked.change(OverridesChange.of(brightness=70))
    locked.save()
    unlocked = store(tmp_path, OfficeWord(), load_overrides(tmp_path).overrides)
    assert (0.9, 70) == (
        unlocked.config.settings.sound.volume,
        unlocked.config.settings.screen.brightness,
    )
    assert ("sound.volume", "screen.brightness") == unlocked.config.staff_settings


def test_what_the_head_office_has_asked_comes_and_goes_where_staff_have_not_chosen(
    tmp_path: Path,
) -> None:
    own = QuestionnaireInUse.of(CHECKOUT)
    kiosk = store(tmp_path, OfficeWord(own=own))
    kiosk.assign(CHRISTMAS)
    assert (CHRISTMAS, CHRISTMAS) == (kiosk.config.in_use, kiosk.config.assignment)
    kiosk.assign(None)
    assert own == kiosk.config.in_use


def test_staffs_choice_holds_until_they_leave_it_to_the_head_office(tmp_path: Path) -> None:
    mine = QuestionnaireInUse.of(structs.replace(CHECKOUT, id="mine"))
    kiosk = store(tmp_path, OfficeWord(own=QuestionnaireInUse.of(CHECKOUT)))
    kiosk.use_questionnaire("mine.toml", mine)
    kiosk.assign(CHRISTMAS)
    assert (mine, ("questionnaire",)) == (kiosk.config.in_use, kiosk.config.staff_settings)
    kiosk.use_assignment()
    assert (CHRISTMAS, ()) == (kiosk.config.in_use, kiosk.config.staff_settings)
    assert load_overrides(tmp_path).overrides.questionnaire is None


def test_staffs_choice_sleeps_where_the_questionnaire_is_locked(tmp_path: Path) -> None:
    office = OfficeWord(frozenset({"questionnaire"}), own=QuestionnaireInUse.of(CHECKOUT))
    kiosk = store(tmp_path, office, Overrides(questionnaire="mine.toml"))
    kiosk.assign(CHRISTMAS)
    assert (CHRISTMAS, False) == (kiosk.config.in_use, kiosk.config.is_own_choice)


# --- what staff see ---


def shown(page: StaffPage, sleeping: set[str], **fields: object) -> tuple[str, set[object]]:
    """The texts of a page, and its controls."""
    config = ActiveConfig(
        Settings(sound=SoundSettings(enabled=True)),
        Overrides(**fields),  # type: ignore[arg-type]
        QUESTIONNAIRE,
        frozenset(sleeping),
        CHRISTMAS if "assigned" in sleeping else None,
    )
    view = staff_view(StaffState(page=page), config, NOW_MS)
    texts = [f"{line.text} {line.detail}" for line in view.lines]
    return "\n".join(texts), set(view.controls())


def test_hours_that_are_set_far_away_can_be_seen_and_not_changed() -> None:
    text, controls = shown(HoursPage(), {"hours"}, hours=Hours())
    assert SET in text
    assert OpenDay(0) not in controls
    assert OpenPause() in controls
    text, controls = shown(HoursPage(), set(), hours=Hours())
    assert SET not in text
    assert OpenDay(0) in controls


def test_sound_and_brightness_likewise_each_alone() -> None:
    page = SoundPage(BrightnessLevel(50))
    text, controls = shown(page, {"volume", "brightness"})
    assert 2 == text.count(SET)
    assert FlipSwitch("sounds") in controls
    assert not {LowerSetting("volume"), LowerSetting("brightness")} & controls


def test_the_questionnaire_and_its_language_likewise() -> None:
    page = QuestionnairePage(CHOICES)
    text, controls = shown(page, {"questionnaire", "language"})
    assert 2 == text.count(SET)
    assert not [c for c in controls if isinstance(c, ChooseQuestionnaire | ChooseLanguage)]


def test_staff_can_leave_the_choice_to_the_head_office() -> None:
    page = QuestionnairePage(CHOICES)
    back = ChooseQuestionnaire(ASSIGNMENT)
    text, controls = shown(page, {"assigned"}, questionnaire="checkout")
    assert "From the head office" in text
    assert back in controls
    assert back not in shown(page, {"assigned"})[1]
    assert back not in shown(page, set())[1]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ConfigurationStatus(True, True, "good", 120_000), "In force for 2 minutes."),
        (ConfigurationStatus(True, True, "trial", 1_000), "On trial until the first answer."),
        (ConfigurationStatus(False, False), "has an older version"),
        (ConfigurationStatus(True, False, is_waiting=True), "once nobody is here"),
        (ConfigurationStatus(None, False), "Set up by its own settings file"),
    ],
)
def test_status_says_whose_word_holds(status: ConfigurationStatus, words: str) -> None:
    lines = report_lines(StatusReport("1", place="Till", configuration=status), str)
    assert words in "\n".join(f"{line.text} {line.detail}" for line in lines)


def test_status_of_a_kiosk_without_a_head_office_says_nothing_of_it() -> None:
    report = StatusReport("1", configuration=ConfigurationStatus(None, False))
    assert "Set up" not in "".join(line.text for line in report_lines(report, str))
