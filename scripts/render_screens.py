"""Shows every screen of the kiosk, writes pictures and checks them. `scripts/screens` calls this.

    scripts/screens [--to FOLDER] [--no-pictures] [--sheets] [--panel NAME] [--look NAME]
                    [--language TAG] [--only WORDS]
    scripts/screens --chosen

Every view that the session can come to is made from the demonstration questionnaire, every page
of the staff is made up, and both are shown in the kiosk's own window: on panels from 5 inch to 4K,
lying and upright, light, dark, in high contrast, in a brand's own colours
with its picture, with large text, in low reach and with the accessibility menu open, in every
language and with texts that are 40 % longer ("longer"), and another questionnaire in Russian,
Greek, Arabic, Hebrew and Vietnamese. On each, controls are measured in
millimetres (faces 20, others 12, 3 apart), and texts must not be clipped, broken, covered or
pale. Exits with 1 and a list if anything is wrong. --sheets also puts all pictures of one screen
on one sheet, in the folder "sheets"; --chosen only brings the pictures in docs/screens up to date.
--panel, --look, --language and --only may be given several
times.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from processes import VirtualScreen  # noqa: E402 - found by the line above

if TYPE_CHECKING:
    from gallery import Studio

    from config.questionnaire import Questionnaire

LONGER = "longer"
"""The language of texts that are 40 % longer."""


def arguments(words: list[str]) -> argparse.Namespace:
    """What is wanted."""
    parser = argparse.ArgumentParser(
        prog="scripts/screens", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS,
    )  # fmt: skip
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "screens", metavar="FOLDER")
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--sheets", action="store_true")
    parser.add_argument("--chosen", action="store_true")
    for name in ("panel", "look", "language", "only"):
        parser.add_argument(f"--{name}", action="append", default=[], metavar=name.upper())
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """0 if nothing is wrong, 1 if something is."""
    wanted = arguments(words)
    with tempfile.TemporaryDirectory(prefix="hymio-screens-") as folder:
        screen = VirtualScreen(Path(folder) / "screen.log", size="3840x2160")
        with screen.start():
            os.environ["DISPLAY"] = screen.display
            return show(wanted, Path(folder))


def show(wanted: argparse.Namespace, folder: Path) -> int:
    """Shows what is wanted; prints what is wrong with it."""
    from kiosk.ui.environment import Surface, prepare

    prepare(folder / "kivy", Surface(False, 1280, 800, 60))
    from gallery import LOOKS, PANELS, Studio, save
    from gallery_sheets import Sheets

    from config.loader import load_questionnaire

    questionnaire = load_questionnaire("demonstration")
    other_scripts = load_questionnaire(str(ROOT / "tests" / "scripts.toml"))
    begun, count, wrong = time.monotonic(), 0, []
    studio, sheets = Studio(questionnaire), Sheets(wanted.to / "sheets")
    if wanted.chosen:
        keep_chosen(studio, questionnaire)
        return 0
    for panel in chosen(PANELS, wanted.panel):
        for look in chosen(LOOKS, wanted.look):
            studio.set_up(panel, look)
            known = (*questionnaire.languages, LONGER, *other_scripts.languages)
            for language in wanted.language or known:
                asked = other_scripts if language in other_scripts.languages else questionnaire
                studio.ask(asked)
                for name, draw in screens(studio, asked, language):
                    if wanted.only and not any(part in name for part in wanted.only):
                        continue
                    count += 1
                    draw()
                    found = studio.faults()
                    if not wanted.no_pictures:
                        picture = studio.picture()
                        found += studio.pale(picture)
                        save(picture, wanted.to / panel.name / look.name / language / f"{name}.png")
                        if wanted.sheets:
                            sheets.add(name, f"{panel.name}, {look.name}, {language}", picture)
                    wrong += [f"{panel.name}, {look.name}, {language}, {name}: {f}" for f in found]
    sheets.save()
    print("\n".join(wrong) or "Nothing is wrong.")
    print(f"{count} screens in {time.monotonic() - begun:.0f} s, {len(wrong)} faults.")
    return 1 if wrong else 0


def keep_chosen(studio: "Studio", questionnaire: "Questionnaire") -> None:
    """Draws the screens that docs/screens shows."""
    from gallery import LOOKS, PANELS
    from gallery_selection import CHOSEN, keep

    for each in CHOSEN:
        studio.set_up(chosen(PANELS, [each.panel])[0], chosen(LOOKS, [each.look])[0])
        dict(screens(studio, questionnaire, each.language))[each.screen]()
        keep(studio.picture(), ROOT / "docs" / "screens", each.file)


def screens(
    studio: "Studio", questionnaire: "Questionnaire", language: str
) -> Iterator[tuple[str, Callable[[], None]]]:
    """The name of each screen, and what draws it."""
    from gallery_staff import covers
    from gallery_views import grown, views

    from kiosk.i18n import LANGUAGES

    tag = "en" if language == LONGER else language
    sized = grown if language == LONGER else lambda view: view
    for name, view in views(questionnaire, tag):
        yield name, partial(studio.show, sized(view), tag)
        if name in {"rating", "question better, below thanks"}:
            yield f"{name}, in test mode", partial(studio.show, sized(view), tag, testing=True)
        if name == "invitation":
            yield "languages", partial(studio.show, sized(view), tag, choosing=True)
    # Staff read one of the kiosk's own languages.
    if studio.look.for_staff and tag in LANGUAGES:
        for name, cover in covers(tag):
            yield name, partial(studio.cover, sized(cover))


def chosen(all_of_them: tuple, names: list[str]) -> list:
    """Those with these names, or all; SystemExit for a name that there is not."""
    known = {each.name: each for each in all_of_them}
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"No {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    return [known[name] for name in names] or list(all_of_them)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
