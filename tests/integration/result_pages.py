"""What stands on a page of results, as somebody reads it: its forms, its links, its figures."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

DIGITS = re.compile(r"\d+")
DRAWINGS = re.compile(r"<(svg|script|dialog)\b.*?</\1>", re.DOTALL)
"""What holds neither forms nor links that lead further, and takes longest to read."""


@dataclass
class Field:
    """One field of a form, with what may be chosen."""

    name: str
    values: list[str] = field(default_factory=list)
    """What it is set to."""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form as it stands there."""

    kind: str
    """Its class."""
    action: str
    fields: list[Field] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """What the fields of this name are set to."""
        return [value for each in self.fields if each.name == name for value in each.values]

    def value(self, name: str) -> str:
        """The same of a field that is there once; empty if it is not there."""
        return next(iter(self.values(name)), "")

    def pairs(self) -> list[tuple[str, str]]:
        """What a browser sends."""
        return [(each.name, value) for each in self.fields for value in each.values]


class ResultPage(HTMLParser):
    """One page, read from its source."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.forms: list[Form] = []
        self.navigation: list[str] = []
        """The addresses in the head of the page."""
        self.links: list[str] = []
        """All others."""
        self._select: Field | None = None
        self._nav = ""
        self.feed(DRAWINGS.sub("", source))

    def form(self, kind: str) -> Form:
        """The form of this class."""
        return next(form for form in self.forms if kind in form.kind.split())

    def text(self, pattern: str) -> str | None:
        """The text at a place in the source; None if there is none."""
        found = re.search(pattern, self.source, re.DOTALL)
        return None if found is None else " ".join(plain(found[1]).split())

    def number(self, pattern: str) -> int | None:
        """The whole number there, whatever stands between its thousands."""
        text = self.text(pattern)
        return None if text is None else int("".join(DIGITS.findall(text)) or 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what is looked for."""
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "nav":
                self._nav = given.get("id", "")
            case "form":
                self.forms.append(Form(given.get("class", ""), given.get("action", "")))
            case "a" if "href" in given:
                (self.navigation if self._nav == "pages" else self.links).append(given["href"])
            case "input" if "name" in given and self.forms:
                self._input(given)
            case "select" if self.forms:
                self._select = Field(given.get("name", ""))
                self.forms[-1].fields.append(self._select)
            case "option" if self._select is not None:
                self._select.options.append(given.get("value", ""))
                if "selected" in given:
                    self._select.values = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        """A list whose options are all unmarked is set to the first one."""
        if tag == "select" and self._select is not None:
            self._select.values = self._select.values or self._select.options[:1]
            self._select = None
        if tag == "nav":
            self._nav = ""

    def _input(self, given: dict[str, str]) -> None:
        found = Field(given["name"], options=[given.get("value", "on")])
        if given.get("type") not in ("checkbox", "radio") or "checked" in given:
            found.values = [given.get("value", "on" if "checked" in given else "")]
        self.forms[-1].fields.append(found)


def plain(part: str) -> str:
    """The words of a piece of source."""
    return html.unescape(re.sub(r"<[^>]+>", " ", part))


def query(pairs: list[tuple[str, str]], *, short: bool) -> str:
    """The query that sends these fields; short as the page's script makes it."""
    if short:
        pairs = [(name, value) for name, value in pairs if value]
        if any(name == "period" for name, _value in pairs):
            pairs = [pair for pair in pairs if pair[0] not in ("from", "to")]
    return urlencode(pairs)
