"""Every address of the site, as the router knows them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from headoffice.accounts import access


class Route(NamedTuple):
    """One address and whom it admits."""

    pattern: str
    name: str
    admits: frozenset[str]
    arguments: dict[str, str]
    """Converters by the name of the argument."""

    def address(self, samples: Mapping[str, object]) -> str:
        filled = self.pattern
        for name, converter in self.arguments.items():
            if name not in samples:
                pytest.fail(f"{self.pattern}: put an example of {name} into `samples`")
            spelt = f"<{converter}:{name}>"
            filled = filled.replace(spelt if spelt in filled else f"<{name}>", str(samples[name]))
        return f"/{filled}"


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Route]:
    """All of them, from the top of the router down."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, pattern)
        elif isinstance(entry, URLPattern):
            converters = {
                name: type(c).__name__.removesuffix("Converter").lower().replace("string", "str")
                for name, c in entry.pattern.converters.items()
            }
            yield Route(pattern, entry.name or "", access.admissions_of(entry.callback), converters)
