"""The peer of the kiosk: the smallest Kivy app with three buttons; says when it was first drawn."""

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
        row = BoxLayout()
        for text in "abc":
            row.add_widget(Button(text=text))
        Window.bind(on_flip=self.tell_once)
        return row

    def tell_once(self, *_args):
        Window.unbind(on_flip=self.tell_once)
        print(f"first frame at {time.monotonic_ns()}", flush=True)


Minimal().run()
