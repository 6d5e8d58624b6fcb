"""How many honest answers the rules of misuse flag, and how soon they find a child.

    .venv/bin/python bench/crowds.py [--people 20000] [--seed 13]

Claim: of crowds of 1 to 60 people a minute, of whom 50 to 95 % are happy, at most one honest answer
in a thousand is flagged, of each face. Beside it the rule of version 0.2, five equal ratings within
half a minute, on the same answers. ``tests/honest_crowd.py`` says how the people are made.
"""

import argparse
from collections import Counter

from figures import percentile  # first: it makes the next ones findable
from honest_crowd import Shop, child, crowd

from config.settings import QuestionRoute

RATES = (1, 5, 12, 25, 60)
HAPPY = (0.5, 0.8, 0.95)
FACES = (0, 1, 2)
EQUAL, WITHIN_S = 5, 30.0


def as_before(shop: Shop) -> Counter[int]:
    """What the rule of version 0.2 flags, by face."""
    found: Counter[int] = Counter()
    for last in range(EQUAL - 1, len(shop.given)):
        first = last - EQUAL + 1
        values = {body.value for body in shop.given[first : last + 1]}
        if len(values) == 1 and shop.at_s[last] - shop.at_s[first] <= WITHIN_S:
            found[int(shop.given[last].value)] += 1  # type: ignore[arg-type] - of a rating
    return found


def main() -> None:
    """Let crowds and children tap, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    print("| come a minute | happy | answers | flagged in 1,000: sad, neutral, happy | before |")
    print("|---|---|---|---|---|")
    for rate in RATES:
        for happy in HAPPY:
            shop = Shop(options.seed)  # with the follow-up, as shipped
            crowd(shop, rate, happy, options.people)
            given = Counter(body.value for body in shop.given)
            shares = (
                ", ".join(f"{1000 * found[face] / max(1, given[face]):.1f}" for face in FACES)
                for found in (shop.flagged(), as_before(shop))
            )
            print(f"| {rate} | {happy:.0%} | {len(shop.given):,} | {' | '.join(shares)} |")
    alone = QuestionRoute(follow_up=False, invite=False)
    children = (
        ("three times a second", 0.33, QuestionRoute()),
        ("three times a second, no follow-up", 0.33, alone),
        ("once each time, no follow-up", 0.0, alone),
    )
    for name, every_s, way in children:
        unseen = []
        for seed in range(options.seed, options.seed + 40):
            shop = Shop(seed, way)
            crowd(shop, 5, 0.8, 60)
            honest = len(shop.given)
            child(shop, 120, every_s, seed % 3)
            taps = shop.given[honest:]
            unseen.append(next((n for n, body in enumerate(taps) if body.misuse), len(taps)))
        print(
            f"A child that taps {name}: answers before the first flagged one,"
            f" median {percentile(unseen, 0.5):.0f}, at most {max(unseen)}"
        )


if __name__ == "__main__":
    main()
