"""Shows every screen in one window and looks at each: layout, contrast, pictures.

The window is the kiosk's own app with the staff's layer over it, without a session or a controller
behind them that does anything: views are shown as they come.
"""

import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gallery_brand import made_up_brand
from gallery_checks import Box, Picture, faults, pale
from kivy.animation import Animation
from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.lang import Builder

from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Brand, Screen, Settings, Staff, Timing
from kiosk.i18n import translator
from kiosk.overrides import OverridesStore, SavedOverrides
from kiosk.session.appearance import USUAL, Appearance, AppearanceState
from kiosk.session.controller import SessionController
from kiosk.session.state import Rules
from kiosk.staff.controller import Cover, StaffController, StaffPorts
from kiosk.trace import NoTrace
from kiosk.ui.app import KioskApp
from kiosk.ui.layers.staff_layer import StaffLayer
from sync.clock import SystemClock


@dataclass(frozen=True)
class Panel:
    """A display: its pixels, and how wide it really is."""

    name: str
    size: tuple[int, int]
    width_mm: float


PANELS = (
    Panel("7 inch", (800, 480), 154.0),
    Panel("10 inch", (1280, 800), 217.0),
    Panel("7 inch, 1024", (1024, 600), 154.0),
    Panel("7 inch upright", (720, 1280), 88.0),
    Panel("7 inch upright, 480", (480, 800), 86.0),
    Panel("5 inch", (800, 480), 108.0),
    Panel("upright", (1080, 1920), 340.0),
    Panel("21 inch upright", (1080, 1920), 268.0),
    Panel("4K", (3840, 2160), 600.0),
)


@dataclass(frozen=True)
class Look:
    """How the screens are drawn."""

    name: str
    theme: str = "light"
    appearance: Appearance = USUAL
    menu: bool = False
    branded: bool = False

    @property
    def for_staff(self) -> bool:
        """Whether pages of the staff look otherwise in it."""
        return not (self.menu or self.branded or self.appearance.low_reach)


LOOKS = (
    Look("light"),
    Look("dark", theme="dark"),
    Look("brand", branded=True),
    Look("high contrast", appearance=Appearance(high_contrast=True)),
    Look("large text", appearance=Appearance(large_text=True)),
    Look("low reach", appearance=Appearance(low_reach=True)),
    Look("menu", appearance=Appearance(large_text=True, reduced_motion=True), menu=True),
)


class Studio:
    """One window and one app for all panels, looks and views."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        if not Window.initialized:
            Window.create_window()
        # Nothing here waits for the frames of a display.
        Clock._max_fps = 0
        rules = Rules(questionnaire, digest(canonical(questionnaire)), "en", Timing())
        session = SessionController(
            rules=rules,
            clock=SystemClock(),
            store=lambda *_job: None,
            new_response=lambda: "01900000-0000-7000-8000-000000000001",
        )
        self._session = session
        self.panel, self.look = PANELS[1], LOOKS[0]
        self._folder = tempfile.TemporaryDirectory(prefix="hymio-brand-")
        self._brand = made_up_brand(Path(self._folder.name))
        self.app: Any = KioskApp(session, Screen(), NoTrace(), closable=False, brand=self._brand)
        self._backdrop = self.app._backdrop
        self.app._run_prepare()
        if EventLoop.status != "started":
            runTouchApp(embedded=True)
        self.staff = StaffLayer(
            _controller(questionnaire), Staff(), Screen(pixel_shift=0), NoTrace()
        )
        self.staff.open()

    def set_up(self, panel: Panel, look: Look) -> None:
        """The window in this size, with the app in this look."""
        self.panel, self.look = panel, look
        self.app._screen_settings = Screen(
            fullscreen=False, width=panel.size[0], height=panel.size[1],
            width_mm=panel.width_mm, theme=look.theme,
        )  # fmt: skip
        if tuple(Window.size) != panel.size:
            Window.size = panel.size
            for _ in range(500):
                EventLoop.idle()
                if tuple(Window.size) == panel.size:
                    break
            else:
                raise TimeoutError(f"the window did not become {panel.size}")
        self._keep_look()
        self.app._brand = self.app.stage._brand = self._brand if look.branded else Brand()
        self.app._backdrop = self._backdrop if look.branded else None
        self.app._restyle()

    def ask(self, questionnaire: Questionnaire) -> None:
        """The views that follow come from this one."""
        first = questionnaire.languages[0]
        rules = Rules(questionnaire, digest(canonical(questionnaire)), first, Timing())
        self._session.change_rules(rules)

    def show(
        self, view: Any, language: str, *, testing: bool = False, choosing: bool = False
    ) -> None:
        """Draws a view in this language; in test mode, or with the languages to choose from."""
        self._uncover()
        self.app.stage._close_languages()
        self._keep_look()
        self.app.show(view)
        self.app.stage._access._language = language
        self.app.stage._access._render()
        self.app.wake_in(None)
        if testing:
            self.staff.mark_test(translator(language)("Test: answers are not counted"))
        if choosing:
            self.app.stage._open_languages()
        self.settle()

    def cover(self, cover: Cover) -> None:
        """Draws what lies over the shopper's screens."""
        self._uncover()
        self.staff.cover(cover)
        self.settle()

    def _uncover(self) -> None:
        self.staff.cover(None)
        self.staff.mark_test("")

    @property
    def _roots(self) -> tuple[Any, ...]:
        """What can be seen: a cover hides everything else."""
        return (self.staff,) if self.staff._covers else (self.app.root, self.staff)

    def _keep_look(self) -> None:
        """The look of a session that has just been chosen, whatever was shown before."""
        access = self.app.stage._access
        now = round(Clock.get_boottime() * 1000)
        access._is_idle = True
        access._state = AppearanceState(
            self.look.appearance, is_open=self.look.menu, touched_ms=now
        )

    def settle(self) -> None:
        """Lets every layout have its turns, without a frame being drawn."""
        for turn in range(4):
            Clock.tick()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()
            if turn == 1:
                finish_motion()

    def faults(self) -> list[str]:
        """What is wrong with the layout."""
        window = Box(0, 0, *self.panel.size)
        # Staff stand in front of it, and have no low-reach layout.
        reach = window.top if self.staff._covers else self.app.stage._page.height
        return faults(self._roots, window, self.app.theme.mm, reach=reach)

    def picture(self) -> Picture:
        """What is drawn, read back from the window."""
        Window.dispatch("on_draw")
        width, height = self.panel.size
        data = bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE))
        return Picture(data, width, height)

    def pale(self, picture: Picture) -> list[str]:
        """Texts that are hard to read in this picture."""
        return pale(self._roots, Box(0, 0, *self.panel.size), picture)


def _controller(questionnaire: Questionnaire) -> StaffController:
    """Does nothing, whatever is touched."""
    nothing: Any = lambda *_args: None  # noqa: E731
    ports = StaffPorts(nothing, nothing, nothing, nothing, lambda: True, lambda: 0)
    store = OverridesStore(Path(), Settings(), SavedOverrides(), questionnaire)
    return StaffController(store, SystemClock(), ports)


def finish_motion() -> None:
    """Brings what moves to where it ends."""
    for animation in list(Animation._instances):
        for moving in [entry["widget"] for entry in animation._widgets.values()]:
            for name, value in animation.animated_properties.items():
                setattr(moving, name, value)
            animation.cancel(moving)


def save(picture: Picture, path: Path) -> None:
    """Writes a PNG."""
    stride = picture.width * 4
    rows = (picture.data[i : i + stride] for i in range(len(picture.data) - stride, -1, -stride))
    packed = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 6, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")):
            file.write(struct.pack(">I", len(data)) + kind + data)
            file.write(struct.pack(">I", zlib.crc32(kind + data)))
