"""The pictures in docs/screens: which screens stand there, and how they get small."""

from dataclasses import dataclass
from pathlib import Path

from gallery_checks import Picture
from gallery_sheets import image
from PIL import Image


@dataclass(frozen=True)
class Chosen:
    """A picture of one screen."""

    file: str
    screen: str
    panel: str = "10 inch"
    look: str = "light"
    language: str = "en"


CHOSEN = (
    Chosen("kiosk-rating", "rating"),
    Chosen("kiosk-follow-up", "question better, below thanks"),
    Chosen("kiosk-invitation", "invitation below thanks"),
    Chosen("kiosk-recommendation", "question recommend"),
    Chosen("kiosk-languages", "languages", language="fi"),
    Chosen("kiosk-keyboard", "question comment", language="de"),
    Chosen("kiosk-contact-dark", "question contact, answered", look="dark"),
    Chosen("kiosk-options-high-contrast", "question liked, answered", look="high contrast"),
    Chosen("kiosk-large-text", "rating", look="large text"),
    Chosen("kiosk-low-reach", "rating", look="low reach"),
    Chosen("kiosk-accessibility", "rating", look="menu"),
    Chosen("kiosk-brand", "rating", look="brand"),
    Chosen("kiosk-upright", "question atmosphere", panel="upright", look="brand", language="it"),
    Chosen("kiosk-thanks-dark", "thanks", look="dark"),
    Chosen("staff-pin", "staff, pin"),
    Chosen("staff-menu", "staff, menu"),
    Chosen("staff-status", "staff, status, some wait"),
    Chosen("staff-testing", "rating, in test mode"),
    Chosen("staff-hours", "staff, hours"),
    Chosen("staff-connection", "staff, connection, fails"),
    Chosen("staff-export", "staff, export, writing"),
)


def keep(picture: Picture, folder: Path, name: str) -> None:
    """Writes it in few colours, which is all that a screen has."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = image(picture)
    drawn.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
    few = drawn.quantize(160, dither=Image.Dither.NONE)
    few.save(folder / f"{name}.png", optimize=True)
