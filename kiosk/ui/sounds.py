"""Short sounds, for those who want to hear that they were understood."""

import logging
import threading
from importlib import resources
from typing import Any, Literal

from config.settings import SoundSettings

log = logging.getLogger(__name__)

Name = Literal["touch", "thanks"]
NAMES: tuple[Name, ...] = ("touch", "thanks")


class Sounds:
    """Plays without ever keeping the window waiting; silent where there is no sound device."""

    def __init__(self, settings: SoundSettings) -> None:
        self._settings = settings
        self._loaded: dict[Name, Any] = {}
        self._loading: threading.Thread | None = None
        self.change(settings)

    def change(self, settings: SoundSettings) -> None:
        """Takes other settings from the next sound on."""
        self._settings = settings
        if settings.enabled and self._loading is None:
            # Opening the sound device can take as long as the sound server likes.
            self._loading = threading.Thread(target=self._load, name="sounds", daemon=True)
            self._loading.start()

    def play(self, name: Name) -> None:
        """Begins the sound, if sounds are wanted and can be had by now."""
        sound = self._loaded.get(name)
        if sound is not None and self._settings.enabled:
            sound.volume = self._settings.volume
            sound.play()

    def wait_until_loaded(self, seconds: float) -> bool:
        """Whether the sounds could be loaded, once that is known."""
        if self._loading is not None:
            self._loading.join(seconds)
        return len(self._loaded) == len(NAMES)

    def _load(self) -> None:
        try:
            from kivy.core.audio import SoundLoader

            found = {
                name: SoundLoader.load(str(resources.files("assets") / "sounds" / f"{name}.wav"))
                for name in NAMES
            }
        except Exception:  # whatever is wrong, a kiosk without sound is one
            log.warning("The kiosk stays silent.", exc_info=True)
            return
        if any(sound is None or not sound.length for sound in found.values()):
            log.warning("There is no sound device that works; the kiosk stays silent.")
            return
        self._loaded = {name: sound for name, sound in found.items() if sound is not None}
