"""A face drawn from its geometry, smooth at any size without multisampling."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from kivy.app import App
from kivy.graphics import Color, Mesh, PopMatrix, PushMatrix, Scale
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from assets.faces import Blob, Face, Shape, face
from assets.faces.geometry import Point
from kiosk.ui.theme import rgba

FEATHER = 1.3
"""Pixels over which an edge fades."""
_OPAQUE, _CLEAR = 0.75, 0.25
_HALO = 1.13


class FacePicture(Widget):
    """One face; ``zoom`` scales it about its middle, ``pressed`` makes it sink into a halo."""

    face = NumericProperty(0)
    faces = NumericProperty(3)
    zoom = NumericProperty(1.0)
    halo = NumericProperty(0.0)
    pressed = BooleanProperty(defaultvalue=False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._scale: Scale | None = None
        self._halo_colour: Color | None = None
        self.bind(
            pos=self._draw,
            size=self._draw,
            face=self._draw,
            faces=self._draw,
            zoom=self._move,
            halo=self._move,
            pressed=self._press,
        )
        self._draw()

    def _press(self, *_args: object) -> None:
        self.zoom = 0.93 if self.pressed else 1.0
        self.halo = 1.0 if self.pressed else 0.0

    def _move(self, *_args: object) -> None:
        if self._scale is not None and self._halo_colour is not None:
            self._scale.xyz = (self.zoom, self.zoom, 1)
            self._halo_colour.a = 0.22 * self.halo

    def _draw(self, *_args: object) -> None:
        if self.face >= self.faces:
            return  # between the setting of the one and of the other
        drawn = face(int(self.face), int(self.faces))
        edge = App.get_running_app().theme.edge(drawn.palette.rim, drawn.palette.fill)
        pixels = self.width / 100
        self.canvas.clear()
        with self.canvas:
            self._halo_colour = Color(*rgba(drawn.palette.rim, 0.22 * self.halo))
            self._mesh(_around(drawn), pixels)
            PushMatrix()
            self._scale = Scale(self.zoom, self.zoom, 1, origin=self.center)
            for shape in drawn.shapes:
                Color(*(edge if shape.ink == "rim" else rgba(getattr(drawn.palette, shape.ink))))
                self._mesh(shape, pixels)
            PopMatrix()

    def _mesh(self, shape: Shape, pixels: float) -> None:
        points = [(self.x + x * pixels, self.top - y * pixels) for x, y in shape.points]
        if isinstance(shape, Blob):
            vertices, indices = _blob(points)
        else:
            vertices, indices = _stroke(points, shape.width * pixels / 2)
        Mesh(vertices=vertices, indices=indices, mode="triangles", texture=_ramp())


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


def _blob(points: list[Point]) -> tuple[list[float], list[int]]:
    """A fan from the middle, and a ring in which the edge fades."""
    count = len(points)
    middle = (sum(x for x, _ in points) / count, sum(y for _, y in points) / count)
    vertices = [*middle, _OPAQUE, 0.5]
    indices: list[int] = []
    for i, ((x, y), (nx, ny)) in enumerate(zip(points, _outward(points, middle), strict=True)):
        vertices += _pair((x, y), (nx, ny), 0.0)
        inner, after = 1 + 2 * i, 1 + 2 * ((i + 1) % count)
        indices += (0, inner, after, *_quad(inner, after))
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
