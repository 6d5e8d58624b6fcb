"""A face drawn from its geometry, smooth at any size without multisampling."""

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, Mesh, PopMatrix, PushMatrix, Scale, Translate
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from assets.faces import Blob, Face, Ink, Shape, Stroke, face
from assets.faces.geometry import RIM, Point
from kiosk.ui.theme import rgba

FEATHER = 1.3
"""Pixels over which an edge fades."""
_OPAQUE, _CLEAR = 0.75, 0.25
_HALO = 1.13
_MEANT = 1.05
"""How far from its middle a face is meant, as a share of its half side."""


Box = tuple[float, float, float]
"""Lower left corner and side of a face, in pixels of the window."""


class FacePicture(Widget):
    """One face; ``zoom`` scales it about its middle, ``pressed`` makes it sink into a halo.

    ``arrived`` is how much of its way it has made where it glides to its place, 0 to 1.
    """

    face = NumericProperty(0)
    faces = NumericProperty(3)
    zoom = NumericProperty(1.0)
    halo = NumericProperty(0.0)
    arrived = NumericProperty(1.0)
    is_pressed = BooleanProperty(defaultvalue=False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._place = Translate()
        self._scale = Scale()
        self._halo_colour = Color()
        self._halo = Mesh(mode="triangles", texture=_ramp())
        self._halo_indices: list[int] = []
        self._origin: Box | None = None
        # Once before the next frame, however many of these change.
        draw = Clock.create_trigger(self._draw, -1)
        self.bind(size=draw, face=draw, faces=draw)
        self.bind(pos=self._move, zoom=self._move, halo=self._move, is_pressed=self._press)
        self.fbind("arrived", self._move)
        draw()

    def glide_from(self, box: Box | None, seconds: float) -> None:
        """Moves from where another picture of this face was to wherever this one stands."""
        Animation.cancel_all(self, "zoom", "arrived")
        self._origin = box if seconds else None
        self.zoom, self.arrived = 1.0, 0.0 if self._origin else 1.0
        if self._origin:
            Animation(arrived=1.0, duration=seconds, t="in_out_cubic").start(self)
        self._move()

    @property
    def drawn_box(self) -> Box:
        """Where it is seen just now."""
        # Not self.center, which may not know yet that the place is another one.
        x, y = self.x + self.width / 2, self.y + self.height / 2
        side, away = self.width * self.zoom, 1 - self.arrived
        if self._origin is not None:
            left, bottom, from_side = self._origin
            x += away * (left + from_side / 2 - x)
            y += away * (bottom + from_side / 2 - y)
            side += away * (from_side - side)
        return (x - side / 2, y - side / 2, side)

    def _press(self, *_args: object) -> None:
        self.zoom = 0.93 if self.is_pressed else 1.0
        self.halo = 1.0 if self.is_pressed else 0.0

    def _move(self, *_args: object) -> None:
        x, y, side = self.drawn_box
        self._place.xy = (x - (self.width - side) / 2, y - (self.width - side) / 2)
        zoom = side / self.width if self.width else 1.0
        self._scale.xyz = (zoom, zoom, 1)
        self._halo_colour.a = 0.22 * self.halo
        # What is clear is painted all the same, which takes long with software OpenGL.
        self._halo.indices = self._halo_indices if self.halo else []

    def _draw(self, *_args: object) -> None:
        if self.face >= self.faces:
            return  # between the setting of the one and of the other
        value, faces = int(self.face), int(self.faces)
        colours = face(value, faces).palette
        edge = App.get_running_app().theme.edge(colours.rim, colours.fill)
        shapes = _shapes(value, faces, self.width)
        self._scale.origin = (self.width / 2, self.width / 2)
        self._halo_colour.rgba = rgba(colours.rim, 0)
        self._halo.vertices, self._halo_indices = shapes[0][1:]
        self.canvas.clear()
        for each in (PushMatrix(), self._place, self._halo_colour, self._halo, self._scale):
            self.canvas.add(each)
        with self.canvas:
            for ink, vertices, indices in shapes[1:]:
                Color(*(edge if ink == "rim" else rgba(getattr(colours, ink))))
                Mesh(vertices=vertices, indices=indices, mode="triangles", texture=_ramp())
            PopMatrix()
        self._move()


_Drawn = tuple[Ink, list[float], list[int]]
"""Vertices (x, y, u, v) and the triangles between them."""


def is_on_face(box: Box, x: float, y: float) -> bool:
    """Whether a finger at this place would have been meant for the face in this box.

    The saddest is nearly square, and fingers that miss a face a little mean it all the same.
    """
    left, bottom, side = box
    away = max(abs(x - left - side / 2), abs(y - bottom - side / 2))
    return away <= _MEANT * side / 2


@lru_cache(maxsize=64)
def _shapes(value: int, faces: int, side: float) -> tuple[_Drawn, ...]:
    """The halo and then the shapes of a face with its lower left corner at the origin."""
    drawn, pixels = face(value, faces), side / 100

    def scaled(shape: Shape) -> list[Point]:
        return [(x * pixels, side - y * pixels) for x, y in shape.points]

    def one(shape: Shape) -> _Drawn:
        if isinstance(shape, Stroke):
            return shape.ink, *_stroke(scaled(shape), shape.width * pixels / 2)
        # Of the rim only what the head leaves to be seen.
        wide = RIM * pixels + FEATHER / 2 if shape.ink == "rim" else None
        return shape.ink, *_blob(scaled(shape), wide)

    halo = _blob(scaled(_around(drawn)))
    return (("rim", *halo), *map(one, drawn.shapes))


@cache
def _ramp() -> Texture:
    """White, from clear on the left to opaque on the right."""
    texture = Texture.create(size=(2, 1), colorfmt="rgba", bufferfmt="ubyte")
    texture.blit_buffer(bytes((255, 255, 255, 0, 255, 255, 255, 255)), colorfmt="rgba")
    texture.wrap = "clamp_to_edge"
    texture.mag_filter = texture.min_filter = "linear"
    return texture


def _around(drawn: Face) -> Blob:
    head = drawn.shapes[0]
    points = tuple((50 + (x - 50) * _HALO, 50 + (y - 50) * _HALO) for x, y in head.points)
    return Blob(points, "rim")


def _blob(points: list[Point], wide: float | None = None) -> tuple[list[float], list[int]]:
    """A fan from the middle, or a band along the outline, and a ring in which the edge fades."""
    count = len(points)
    middle = (sum(x for x, _ in points) / count, sum(y for _, y in points) / count)
    vertices: list[float] = []
    indices: list[int] = []
    for i, ((x, y), (nx, ny)) in enumerate(zip(points, _outward(points, middle), strict=True)):
        within = middle if wide is None else (x - nx * wide, y - ny * wide)
        vertices += (*within, _OPAQUE, 0.5, *_pair((x, y), (nx, ny), 0.0))
        here, after = 3 * i, 3 * ((i + 1) % count)
        indices += (*_quad(here, after), *_quad(here + 1, after + 1))
    return vertices, indices


def _stroke(points: list[Point], half: float) -> tuple[list[float], list[int]]:
    """A band along the points whose two edges fade, with half discs at its ends."""
    vertices: list[float] = []
    indices: list[int] = []
    normals = list(_normals(points, closed=False))
    for (x, y), (nx, ny) in zip(points, normals, strict=True):
        vertices += _pair((x, y), (nx, ny), half)
        vertices += _pair((x, y), (-nx, -ny), half)
    for i in range(len(points) - 1):
        a, b = 4 * i, 4 * (i + 1)
        indices += (*_quad(a, b), *_quad(a + 2, b + 2), a, b, a + 2, b, b + 2, a + 2)
    for end, (nx, ny), turn in ((points[0], normals[0], 1), (points[-1], normals[-1], -1)):
        start = math.atan2(ny, nx)
        arc = [start + turn * math.pi * step / 12 for step in range(13)]
        base = len(vertices) // 4
        vertices += (*end, _OPAQUE, 0.5)
        for angle in arc:
            vertices += _pair(end, (math.cos(angle), math.sin(angle)), half)
        for inner in range(base + 1, base + 25, 2):
            indices += (base, inner, inner + 2, *_quad(inner, inner + 2))
    return vertices, indices


def _pair(point: Point, normal: Point, distance: float) -> list[float]:
    """The opaque and the clear vertex on both sides of an edge at this distance."""
    (x, y), (nx, ny) = point, normal
    near, far = distance - FEATHER / 2, distance + FEATHER / 2
    return [
        x + nx * near,
        y + ny * near,
        _OPAQUE,
        0.5,
        x + nx * far,
        y + ny * far,
        _CLEAR,
        0.5,
    ]


def _quad(a: int, b: int) -> tuple[int, ...]:
    """Two triangles between the pair at ``a`` and the pair at ``b``."""
    return a, a + 1, b, b, a + 1, b + 1


def _normals(points: list[Point], *, closed: bool) -> Iterator[Point]:
    count = len(points)
    for i in range(count):
        before = points[i - 1] if closed or i else points[0]
        after = points[(i + 1) % count] if closed or i < count - 1 else points[-1]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        yield (-dy / length, dx / length)


def _outward(points: list[Point], middle: Point) -> Iterator[Point]:
    for (x, y), (nx, ny) in zip(points, _normals(points, closed=True), strict=True):
        out = 1 if nx * (x - middle[0]) + ny * (y - middle[1]) >= 0 else -1
        yield (nx * out, ny * out)
