"""The page that puts places side by side: as a ranking that can be sorted, and over time."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from headoffice.results import comparison, levels, sorting, texts
from headoffice.results.changes import LEAST_TO_RANK
from headoffice.results.lines import MOST_LINES, faces_by_day, lines_chart
from headoffice.results.pages import ResultsPage, results_page
from headoffice.results.place_notes import annotate, notes_about
from headoffice.results.places import Place
from headoffice.results.ratings import Faces


@results_page
def compare(page: ResultsPage) -> HttpResponse:
    """Places, groups or tags side by side; of one group, or of none, a level of what is below."""
    selection, catalogue, query = page.selection, page.catalogue, page.request.GET
    least = query.get("least", "")
    smallest = int(least) if least.isdecimal() and len(least) < 7 else LEAST_TO_RANK
    by_tag = bool(query.get("tags")) and bool(page.directory.tags)
    offered = levels.levels(selection, page.directory)
    level = None if by_tag else levels.level_asked(query.get("level", ""), offered)
    places = (
        _of_tags(page)
        if by_tag
        else levels.candidates(selection, page.directory, query.get("level", ""))
    )
    span = selection.period.span
    chain, chain_now = None, None
    if page.partial or len(places) > MOST_LINES:
        chain = faces_by_day(page.chain, catalogue, span)
        # Not read again, if the days of the line are those of the period there.
        chain_now = Faces.total(chain.values()) if page.chain.period.span == span else None
    found = comparison.compare_places(
        selection,
        catalogue,
        places,
        smallest,
        chain=page.chain,
        chain_now=chain_now,
    )
    order, rows = sorting.sorted_rows(found, query.get("sort", "-index"))
    kept = {
        "least": str(smallest) if least else "",
        "level": query.get("level", "") if level else "",
        "tags": "1" if by_tag else "",
    }
    by_key = {place.key: place for place in places}
    first = [by_key[row.part.key] for row in rows[:MOST_LINES]]
    chart = lines_chart(first, selection, catalogue, chain) if first else None
    about = notes_about(selection, page.directory, [place.points for place in first])
    charts = annotate([chart] if chart else [], selection, about)
    return page.render(
        "compare",
        _("Compare"),
        found=found._replace(rows=rows),
        charts=charts,
        cut=len(rows) > MOST_LINES and MOST_LINES,
        columns={
            column.name: column for column in sorting.columns(found, order, selection, **kept)
        },
        levels=_level_links(page, offered, level, by_tag=by_tag),
        questionnaires=comparison.compare_questionnaires(selection, catalogue, smallest),
        kept=selection.fields(),
        extra=[*kept.items(), ("sort", query.get("sort", ""))],
        leasts=[(n, n) for n in sorted({*comparison.LEASTS, smallest})],
    )


def _of_tags(page: ResultsPage) -> list[Place]:
    """The places of each tag as one, as far as they are selected."""
    points = page.selection.points
    return [place for place in page.directory.places_by_tag if place.points & points]


def _level_links(
    page: ResultsPage, offered: list[levels.Level], shown: levels.Level | None, *, by_tag: bool
) -> list[dict[str, Any]]:
    address = page.selection.address
    found = [
        {
            "names": level.names,
            "n": texts.number_text(len(level.places)),
            "address": address(level=level.depth),
            "now": level == shown,
        }
        for level in offered
    ]
    if page.directory.tags and len(page.selection.places) < 2:
        n = texts.number_text(len(page.directory.tags))
        found.append(
            {"names": _("Tags"), "n": n, "address": address(tags="1"), "now": by_tag},
        )
    return found if len(found) > 1 else []
