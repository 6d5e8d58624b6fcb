"""How often the 95 % interval holds what all people would say, and how wide it is.

    python bench/coverage.py [--trials 4000]

The product: the interval of the index and of every other mean. The peer: Wilson's interval as if
there were only 0s and 100s, which was taken before. Prints the table of docs/results.md.
"""

import argparse
import random
from statistics import fmean

from figures import ROOT

assert ROOT, "finds the shapes of the tests"

from answer_shapes import SHAPES  # noqa: E402

from headoffice.results.statistics import Interval, wilson  # noqa: E402

NUMBERS = (5, 10, 20, 50, 100, 200, 400)


def width(interval: Interval) -> float:
    """In points of 100."""
    return 100 * (interval.high - interval.low)


def main() -> None:
    """Print a row for each shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=4000)
    trials = parser.parse_args().trials
    print("| answers | " + " | ".join(map(str, NUMBERS)) + " | width of 100 answers, before |")
    print("|---|" + "--:|" * (len(NUMBERS) + 1))
    for shape in SHAPES:
        chance = random.Random(shape.name)  # noqa: S311 - a repeatable experiment
        rates, wide = [], ""
        for n in NUMBERS:
            found = list(shape.figures(chance, n, trials))
            held = [f.interval.low - 1e-9 <= shape.mean <= f.interval.high + 1e-9 for f in found]
            rates.append(f"{100 * fmean(held):.1f}")
            if n == 100:
                before = fmean(width(wilson(f.value, n)) for f in found)
                wide = f"{fmean(width(f.interval) for f in found):.1f}, {before:.1f}"
        print(f"| {shape.name} | {' | '.join(rates)} | {wide} |", flush=True)


if __name__ == "__main__":
    main()
