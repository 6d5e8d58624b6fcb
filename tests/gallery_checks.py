"""Walks the widgets of a screen and says what a shopper would trip over.

What counts as a control, a text or a face is found from the widgets themselves, so a new screen
is checked as soon as it is shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

from config.colours import TEXT_CONTRAST, contrast
from kiosk.ui.theme import FACE_MM, GAP_MM, KEY_GAP_MM, KEY_MM, NARROW_KEY_MM, TARGET_MM
from kiosk.ui.widgets.buttons import KeyboardKey
from kiosk.ui.widgets.face import FacePicture
from kiosk.ui.widgets.touch import Touchable

ROUNDING = 1.5
"""Pixels; widgets stand on whole ones."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the window, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def distance(self, other: "Box") -> float:
        """The wider of the gaps across and along; negative where they overlap."""
        across = max(self.left - other.right, other.left - self.right)
        along = max(self.bottom - other.top, other.bottom - self.top)
        return max(across, along)

    def within(self, other: "Box") -> bool:
        """Whether nothing of it sticks out."""
        return (
            self.left >= other.left - ROUNDING
            and self.bottom >= other.bottom - ROUNDING
            and self.right <= other.right + ROUNDING
            and self.top <= other.top + ROUNDING
        )


@dataclass(frozen=True)
class Seen:
    """A widget that is drawn: where, on what, and how."""

    widget: Widget
    box: Box
    room: Box
    """What is left of the window by everything that clips."""
    opacity: float
    ancestors: tuple[Widget, ...]
    scrolls: bool
    """It can be brought into sight by scrolling."""


def walk(root: Widget, window: Box) -> Iterator[Seen]:
    """Everything that is drawn, parents before children."""
    yield from _walk(Seen(root, _box(root), window, 1.0, (), scrolls=False))


def _walk(seen: Seen) -> Iterator[Seen]:
    yield seen
    room, scrolls = seen.room, seen.scrolls
    if isinstance(seen.widget, ScrollView):
        room, scrolls = seen.box, True
    for child in reversed(seen.widget.children):
        opacity = seen.opacity * child.opacity
        if opacity > 0:
            yield from _walk(
                Seen(child, _box(child), room, opacity, (seen.widget, *seen.ancestors), scrolls)
            )


def _box(widget: Widget) -> Box:
    left, bottom = widget.to_window(widget.x, widget.y)
    right, top = widget.to_window(widget.right, widget.top)
    return Box(left, bottom, right, top)


def letters_box(label: Label, box: Box) -> Box:
    """What the letters of a label cover: no wider than its longest line."""
    width, height = label.texture_size
    lines = getattr(label._label, "_cached_lines", None) or []
    widest = max((line.w for line in lines), default=width)
    middle_y = (box.bottom + box.top) / 2
    if label.halign == "center" or label.text_size[0] is None:
        middle = (box.left + box.right) / 2
        left, right = middle - widest / 2, middle + widest / 2
    elif label.halign == "right":
        right = (box.left + box.right + width) / 2
        left = right - widest
    else:
        left = (box.left + box.right - width) / 2
        right = left + widest
    return Box(left, middle_y - height / 2, right, middle_y + height / 2)


def is_control(widget: Widget) -> bool:
    """Whether a finger does something to it."""
    return isinstance(widget, Touchable | ButtonBehavior | TextInput)


def name(widget: Widget) -> str:
    """What a person would call it."""
    words = [type(widget).__name__]
    texts = [str(getattr(widget, key, "") or "") for key in ("text", "label", "feature", "tag")]
    texts += [w.text for w in widget.walk(restrict=True) if isinstance(w, Label) and w.text]
    if hasattr(widget, "face"):
        texts.insert(0, str(int(widget.face)))
    words += [repr(text[:40]) for text in texts if text][:1]
    return " ".join(words)


def faults(roots: Sequence[Widget], window: Box, mm: float, *, reach: float) -> list[str]:
    """Everything that is wrong with what is drawn, in words; no control is above ``reach``.

    What lies below a layer that covers everything can't be touched and is not looked at.
    """
    drawn = (seen for root in roots for seen in walk(root, window))
    everything = [seen for seen in drawn if seen.box.width > 0 and seen.box.height > 0]
    layers = [seen.widget for seen in everything if getattr(seen.widget, "is_layer", False)]
    if layers:
        everything = [seen for seen in everything if layers[-1] in (seen.widget, *seen.ancestors)]
    controls = [seen for seen in everything if is_control(seen.widget) and not seen.widget.disabled]
    texts = [seen for seen in everything if isinstance(seen.widget, Label) and seen.widget.text]
    found: list[str] = []
    for control in controls:
        found += _too_small(control, mm, window)
        if control.box.top > reach + ROUNDING:
            found.append(f"{name(control.widget)} is out of reach")
    for one, other in combinations(controls, 2):
        found += _too_close(one, other, mm)
    for seen in everything:
        if is_control(seen.widget) or isinstance(seen.widget, FacePicture):
            found += _outside(seen, seen.box, "sticks out of the screen")
    for text in texts:
        found += _clipped(text)
    found += _overlapping(texts, controls, everything)
    return found


def is_key(widget: Widget) -> bool:
    """Whether it is one of many letters."""
    return isinstance(widget, KeyboardKey) or getattr(widget, "is_key", False)


def _too_small(seen: Seen, mm: float, window: Box) -> Iterator[str]:
    least, across = TARGET_MM, TARGET_MM
    if hasattr(seen.widget, "face") and window.width >= 5 * (FACE_MM + GAP_MM) * mm:
        least = across = FACE_MM
    elif is_key(seen.widget):
        is_narrow = window.width < 10 * (KEY_MM + KEY_GAP_MM + 1) * mm
        least, across = KEY_MM, NARROW_KEY_MM if is_narrow else KEY_MM
    side = min(seen.box.width * least / across, seen.box.height)
    if side < least * mm - ROUNDING:
        yield f"{name(seen.widget)} is {side / mm:.1f} mm small, not {least:g}"


def _too_close(one: Seen, other: Seen, mm: float) -> Iterator[str]:
    if one.widget in other.ancestors or other.widget in one.ancestors:
        return
    distance = one.box.distance(other.box)
    least = KEY_GAP_MM if is_key(one.widget) and is_key(other.widget) else GAP_MM
    if distance < least * mm - ROUNDING:
        yield f"{name(one.widget)} and {name(other.widget)} are {distance / mm:.1f} mm apart"


def _outside(seen: Seen, box: Box, what: str) -> Iterator[str]:
    room = seen.room
    if seen.scrolls:
        room = Box(room.left, -1e9, room.right, 1e9)
    if not box.within(room):
        yield f"{name(seen.widget)} {what}"


def _clipped(seen: Seen) -> Iterator[str]:
    label = seen.widget
    letters = letters_box(label, seen.box)
    yield from _outside(seen, letters, "is clipped by the screen's edge")
    if label.text_size[1] is not None and label.is_shortened:
        yield f"{name(label)} is shortened"
    parent = seen.ancestors[0] if seen.ancestors else None
    if label.height and letters.height > label.height + 2 * ROUNDING and parent is not None:
        fits = letters.within(_box(parent))
        if not fits:
            yield f"{name(label)} is higher than its room"
    room = label.text_size[0]
    if room is not None:
        measure = label._label.get_extents
        for word in label.text.split():
            if measure(word)[0] > room + ROUNDING:
                yield f"{name(label)}: {word!r} is broken, it does not fit its line"


def _overlapping(texts: list[Seen], controls: list[Seen], everything: list[Seen]) -> Iterator[str]:
    """Texts on texts, texts on foreign controls, faces on anything."""
    solid = [(seen, letters_box(seen.widget, seen.box)) for seen in texts]
    faces = [seen for seen in everything if isinstance(seen.widget, FacePicture)]
    for (one, one_box), (other, other_box) in combinations(solid, 2):
        if one_box.distance(other_box) < -ROUNDING:
            yield f"{name(one.widget)} lies on {name(other.widget)}"
    for text, text_box in solid:
        for other in (*controls, *faces):
            if other.widget in text.ancestors:
                continue
            if text_box.distance(other.box) < -ROUNDING:
                yield f"{name(text.widget)} lies on {name(other.widget)}"
    for one, other in combinations(faces, 2):
        if one.box.distance(other.box) < -ROUNDING:
            yield f"{name(one.widget)} lies on {name(other.widget)}"


# --- colours, as they came out -------------------------------------------------------------


class Picture:
    """What the window shows, pixel by pixel."""

    def __init__(self, data: bytes, width: int, height: int) -> None:
        self.data, self.width, self.height = data, width, height

    def at(self, x: float, y: float) -> Colour:
        """The colour of a pixel, counted from the bottom left."""
        column = min(max(int(x), 0), self.width - 1)
        row = min(max(int(y), 0), self.height - 1)
        start = (row * self.width + column) * 4
        red, green, blue = self.data[start : start + 3]
        return red, green, blue


def pale(roots: Sequence[Widget], window: Box, picture: Picture) -> list[str]:
    """Texts without enough contrast to what is really drawn around their letters."""
    found = []
    everything = [seen for root in roots for seen in walk(root, window)]
    layers = [seen.widget for seen in everything if getattr(seen.widget, "is_layer", False)]
    for seen in everything:
        label = seen.widget
        if layers and layers[-1] not in seen.ancestors:
            continue
        if not isinstance(label, Label) or not label.text or seen.opacity < 1:
            continue
        if any(widget.disabled for widget in (label, *seen.ancestors)):
            continue
        box = letters_box(label, seen.box)
        if not box.within(seen.room):
            continue
        around = _ground(picture, box)
        ratio = contrast(_hex(tuple(round(255 * c) for c in label.color[:3])), _hex(around))
        if ratio < TEXT_CONTRAST - 0.05:
            found.append(f"{name(label)} has a contrast of {ratio:.2f} to {_hex(around)}")
    return found


def _ground(picture: Picture, box: Box) -> Colour:
    """The commonest colour just inside the edge of a text, where there are few letters."""
    steps, inset = 24, box.height * 0.08
    edge = [
        picture.at(box.left + box.width * step / steps, y)
        for step in range(steps + 1)
        for y in (box.bottom + inset, box.top - inset)
    ]
    return max(set(edge), key=edge.count)


def _hex(colour: Iterable[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
