"""The faces: one geometry, from which the kiosk draws and the SVG files are written.

A face is told apart by its outline (the happier, the rounder), its brows, its eyes and its
mouth as well as by its colour. Coordinates run from 0 to 100, y downwards as in SVG.
"""

from assets.faces.geometry import Blob, Face, Ink, Palette, Shape, Stroke, face, palette

__all__ = ["Blob", "Face", "Ink", "Palette", "Shape", "Stroke", "face", "palette"]
