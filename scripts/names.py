"""Counts public names that are participles or pronoun-like, where a noun or a verb should stand.

    python scripts/names.py            the share, and each such name with its places
    python scripts/names.py --limit 2  exit with 1 if the share is above 2 per cent

Counted are modules, classes, functions, methods, class attributes and module constants of the
product, each spelling once per module. A name is counted against if all its words are participles,
pronouns, question words or particles (``asked``, ``kept``, ``what_to``) and none is a noun or a
plain verb; ``created_at`` and its like are the conventional names of columns.
"""

# ruff: noqa: SIM905 - a list of words is read as a text

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("assets", "config", "sync", "kiosk", "headoffice")

IRREGULAR = frozenset(
    "asked begun bound bought broken brought built called caught chosen come cut done drawn driven"
    " fallen felt found forgotten given gone grown heard held hidden kept known laid led left lent"
    " let lost made meant met outdone overdue paid put read run said seen sent set shown shut sold"
    " spent split spoken spread struck stuck taken taught thought told torn understood undone"
    " withheld won worn written".split()
)
NOUNS_OR_VERBS = frozenset(
    # As they stand these are plain verbs or nouns more often than participles.
    "come cut let lead put read run set split spread overdue bound left".split()
)
NO_PARTICIPLES = frozenset(
    "bed embed exceed feed need red seed shed speed succeed proceed unneeded weed".split()
)
PRONOUNS = frozenset(
    "among anyone around aside away both each else here how it its nobody nothing one ones other"
    " others ours own same she some someone something such that theirs them there these they thing"
    " things this those us way ways we what when where which who whom whose why you".split()
)
PARTICLES = frozenset(
    "a about after again all already and any apart as at be before behind but by down far for from"
    " in into is more most much no not of off on only or out over since so still than the then to"
    " together too under until up was with within without yet".split()
)
PREDICATES = frozenset("is has are can may must was were should".split())
CONVENTIONS = frozenset(
    # Standard terms of the field for a flag or a state.
    "enabled disabled closed signed".split()
)


def words(name: str) -> list[str]:
    """The words of a name, in small letters."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[_\d]+", parted.lower()) if word]


def is_participle(word: str) -> bool:
    """Whether a word is the past participle of a verb."""
    if word in NO_PARTICIPLES or word in NOUNS_OR_VERBS:
        return False
    return word in IRREGULAR or (len(word) > 4 and word.endswith("ed"))


def is_nameless(name: str) -> bool:
    """Whether a name has neither a noun nor a plain verb."""
    parts = words(name)
    if not parts or parts[0] in PREDICATES or parts[-1] == "at" or name in CONVENTIONS:
        return False
    telling = [part for part in parts if part not in PARTICLES]
    return bool(telling) and all(is_participle(part) or part in PRONOUNS for part in telling)


def public_names(path: Path) -> Iterator[str]:
    """Every public name that a module binds for others, its own among them."""
    yield path.parent.name if path.stem == "__init__" else path.stem
    yield from _bound(ast.parse(path.read_text()))


def _bound(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
                yield from _bound(node)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def main(arguments: list[str]) -> int:
    """Print the share and the names; 1 if a limit is given and passed."""
    total, places = 0, defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for name in dict.fromkeys(public_names(path)):
                if name.startswith("_"):
                    continue
                total += 1
                if is_nameless(name):
                    places[name].append(str(path.relative_to(ROOT)))
    for name, where in sorted(places.items()):
        print(f"{name:<28} {', '.join(where)}")
    found = Counter({name: len(where) for name, where in places.items()}).total()
    share = 100 * found / total
    print(f"{found} of {total} public names: {share:.1f} %")
    limit = float(arguments[1]) if arguments[:1] == ["--limit"] else 100.0
    return 1 if share > limit else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
