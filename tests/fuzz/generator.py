"""Values from a JSON Schema, and ways to spoil them. Repeatable from a seed.

hypothesis-jsonschema would be the library for this; its last release fails with the Hypothesis
in use. It knows the words of this schema and refuses any other, so that it cannot fall behind.
"""

import gzip
import json
import random
import re
from typing import Any

Json = Any
_KNOWN = {
    "$ref", "anyOf", "enum", "type", "minimum", "maximum", "minLength", "maxLength", "pattern",
    "items", "maxItems", "properties", "required", "additionalProperties", "default", "title",
    "description", "discriminator",
}  # fmt: skip
_OPTION = re.compile(r"\(([^()]*)\)\?")
_CLASS = re.compile(r"\[([^\]]+)\]\{(\d+)(?:,(\d+))?\}")
"""Signs of a class, so many times or from so many to so many."""
_TEXTS = ("", "a", "ä☃𝄞", "\0", "\u202e", "'; DROP TABLE fleet_kiosk; --", "<script>", "../..",
          "%s%n", "\n", "\ud7ff", "0")  # fmt: skip
_NUMBERS = (-1, 0, 1, 2, 10, 11, 2**31, 2**53, 2**53 + 1, 2**63, 2**64, -(2**63), 10**30)
_ODD = ("null", "true", "false", "-1", "0.5", "1e308", str(2**63), '""', '"\\u0000"', "[]", "{}",
        "[[]]", '{"type": "answer"}')  # fmt: skip
"""As JSON: each place gets one of its own, for one that is shared could come to hold itself."""
_LARGEST = 200_000
"""Of the lists and objects of a spoiled value, and what they hold: a few MB of JSON."""


class Generator:
    """Makes values of the schema's definitions; ``pinned`` fixes the values of some fields."""

    def __init__(self, schema: dict[str, Json], rng: random.Random) -> None:
        self.definitions = schema["$defs"]
        self.rng = rng
        self.pinned: dict[str, tuple[Json, ...]] = {}

    def valid(self, name: str) -> Json:
        """A value of a definition."""
        return self._value(self.definitions[name])

    def _value(self, node: dict[str, Json]) -> Json:  # noqa: C901, PLR0911 - one line for each word
        if unknown := node.keys() - _KNOWN:
            raise LookupError(f"the schema says {unknown}, which this generator does not know")
        if "$ref" in node:
            return self.valid(node["$ref"].rpartition("/")[2])
        if "anyOf" in node:
            return self._value(self.rng.choice(node["anyOf"]))
        if "enum" in node:
            return self.rng.choice(node["enum"])
        match node["type"]:
            case "null":
                return None
            case "boolean":
                return self.rng.random() < 0.5
            case "integer":
                return self._integer(node)
            case "string":
                return self._text(node)
            case "array":
                most = min(node.get("maxItems", 4), self.rng.choice((0, 1, 2, 8)))
                return [self._value(node["items"]) for _ in range(self.rng.randint(0, most))]
            case "object":
                return self._object(node)
        raise LookupError(f"the schema says type {node['type']}")

    def _integer(self, node: dict[str, Json]) -> int:
        low, high = node.get("minimum", -(2**40)), node.get("maximum", 2**40)
        edges = [n for n in (*_NUMBERS, low, high) if low <= n <= high]
        return self.rng.choice((self.rng.choice(edges), self.rng.randint(low, min(high, low + 50))))

    def _text(self, node: dict[str, Json]) -> str:
        if pattern := node.get("pattern"):
            # One that may be left out is there or not.
            plain = _OPTION.sub(lambda found: self.rng.choice((found[1], "")), pattern)
            plain = plain.replace("[.]", ".")
            text = _CLASS.sub(self._signs, plain).removeprefix("^").removesuffix("$")
            if re.fullmatch(pattern, text) is None:
                raise LookupError(f"the schema says pattern {pattern}")
            return text
        low, high = node.get("minLength", 0), node.get("maxLength", 60)
        text = self.rng.choice(_TEXTS) * self.rng.choice((1, 1, 3, 50))
        return (text + "x" * low)[: max(low, min(high, len(text)))]

    def _signs(self, found: re.Match[str]) -> str:
        allowed = [chr(code) for code in range(128) if re.fullmatch(f"[{found[1]}]", chr(code))]
        count = self.rng.randint(int(found[2]), int(found[3] or found[2]))
        return "".join(self.rng.choice(allowed) for _ in range(count))

    def _object(self, node: dict[str, Json]) -> dict[str, Json]:
        made = {}
        for name, child in node["properties"].items():
            if name not in node.get("required", ()) and self.rng.random() < 0.6:
                continue
            if (fixed := self.pinned.get(name)) and self.rng.random() < 0.9:
                made[name] = self.rng.choice(fixed)
            else:
                made[name] = self._value(child)
        return made


def spoiled(value: Json, rng: random.Random) -> Json:
    """The value with one to three mistakes somewhere in it."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.randint(1, 3)):
        holder, key = _place(value, rng)
        if holder is None:
            return _odd(rng)
        what = rng.random()
        if what < 0.45:
            holder[key] = _odd(rng)
        elif what < 0.65:
            del holder[key]
        elif what < 0.75 and isinstance(holder, dict):
            holder[rng.choice(("x", "protocol", "seq", "$ref", ""))] = _odd(rng)
        elif what < 0.85 and isinstance(holder, list):
            more = rng.choice((1, 30, 1200))
            if (_size(holder[key]) * more) + _size(value) <= _LARGEST:
                text = json.dumps(holder[key])
                holder.extend(json.loads(text) for _ in range(more))
        elif isinstance(holder[key], str):
            holder[key] = holder[key] + rng.choice(_TEXTS) * rng.choice((1, 300))
        elif isinstance(holder[key], int):
            holder[key] = rng.choice(_NUMBERS)
    return value


def _odd(rng: random.Random) -> Json:
    return json.loads(rng.choice(_ODD))


def _size(value: Json) -> int:
    """How many values there are in it, itself among them."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_size(each) for each in held)


def _place(value: Json, rng: random.Random) -> tuple[Json, Json]:
    holder, key, here = None, None, value
    while isinstance(here, dict | list) and here and (holder is None or rng.random() < 0.7):
        holder = here
        key = rng.choice(list(here)) if isinstance(here, dict) else rng.randrange(len(here))
        here = here[key]
    return holder, key


def spoiled_bytes(body: bytes, rng: random.Random) -> bytes:
    """The bytes with something done to them that JSON may not survive."""
    at, to = sorted(rng.randrange(len(body) + 1) for _ in range(2))
    return rng.choice(
        (
            body[:at],
            body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :],
            body[:at] + body[to:],
            body[:to] + body[at:],
            body[:at] + rng.randbytes(20) + body[at:],
            body + rng.choice((b"\0", b"}", b" ", body)),
            b"\xef\xbb\xbf" + body,
            body.decode("latin-1").encode("utf-16"),
            b"[" * rng.choice((10, 5000, 100_000)),
            b'{"a":' * 20_000,
            re.sub(rb"\d+", b"NaN", body, count=1),
            re.sub(rb"\d+", b"9" * 5000, body, count=1),
            re.sub(rb"\d+", b"-1e9999", body, count=1),
            re.sub(rb'"[a-z ]+"', rb'"\\ud800"', body, count=1),
            re.sub(rb'"[a-z ]+"', rb'"\\u0000"', body, count=1),
            gzip.compress(body),
            b"",
        )
    )
