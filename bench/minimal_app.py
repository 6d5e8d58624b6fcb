"""The peer of the kiosk: the smallest Kivy app with three buttons; says when it has drawn what."""

import os
import sys
import time

os.environ |= {"KIVY_NO_ARGS": "1", "KIVY_NO_CONSOLELOG": "1"}

from kivy.config import Config

Config.set("graphics", "width", "1280")
Config.set("graphics", "height", "800")
Config.set("graphics", "maxfps", sys.argv[1])

from kivy.app import App  # noqa: E402
from kivy.core.window import Window  # noqa: E402
from kivy.uix.boxlayout import BoxLayout  # noqa: E402
from kivy.uix.button import Button  # noqa: E402


class Minimal(App):
    """Three buttons in a row."""

    def build(self):
        self.news = ["first frame"]
        self.flip = Window.flip
        Window.flip = self.flip_and_tell
        row = BoxLayout()
        for text in "abc":
            row.add_widget(Button(text=text, on_press=lambda *_args: self.news.append("pressed")))
        return row

    def flip_and_tell(self):
        self.flip()
        while self.news:
            print(f"{self.news.pop()} at {time.monotonic_ns()}", flush=True)


Minimal().run()
