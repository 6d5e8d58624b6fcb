"""What may be called clear where much is compared at once.

Of a thousand places that are all alike, one in twenty lies outside its 95 % interval by chance
alone. So the share of false ones among those that are called clear is held at 5 % (Y. Benjamini
and Y. Hochberg, J. R. Statist. Soc. B 57, 1995, pp. 289-300; for comparisons with one and the
same rest, and of all pairs, Y. Benjamini and D. Yekutieli, Ann. Statist. 29, 2001, pp. 1165-1188).
"""

import math
from collections.abc import Iterable, Sequence

from headoffice.results.statistics import Z_95, Difference, Index, scores_below

FALSE_SHARE = 0.05
"""Of the differences that are called clear at most so many are chance, on average."""


def least_score(scores: Iterable[float], n: int) -> float:
    """The score from which on a difference is clear, among n that are looked at together.

    Only those of Z_95 or more need be named. Infinite where none is.
    """
    found = math.inf
    for rank, score in enumerate(sorted(scores, reverse=True), start=1):
        if math.erfc(score / math.sqrt(2)) <= FALSE_SHARE * rank / n:
            found = score
    return max(found, Z_95)


def judge_together(differences: Sequence[Difference | None]) -> list[Difference | None]:
    """The same differences, each called clear only as far as all of them together allow."""
    known = [found for found in differences if found is not None]
    least = least_score((found.score for found in known), len(known))
    return [
        found and found._replace(clear=found.clear and found.score >= least)
        for found in differences
    ]


def ranks(figures: Sequence[Index]) -> list[tuple[int, int]]:
    """For each figure the best and the worst rank that the data leave open, 1 the highest.

    A rank is lost only to a figure that is clearly higher, and gained only from one that is
    clearly lower, among all pairs.
    """
    n = len(figures)
    falling = sorted(range(n), key=lambda i: -figures[i].value)
    scores = [
        (score, i, j)
        for at, i in enumerate(falling)
        for j, score in zip(
            falling[at + 1 :],
            scores_below(figures[i], (figures[j] for j in falling[at + 1 :])),
            strict=True,
        )
        if score >= Z_95
    ]
    least = least_score((score for score, _i, _j in scores), n * (n - 1) // 2)
    better, worse = [0] * n, [0] * n
    for score, i, j in scores:
        if score >= least:
            better[j] += 1
            worse[i] += 1
    return [(1 + b, n - w) for b, w in zip(better, worse, strict=True)]
