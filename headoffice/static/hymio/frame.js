// On a narrow screen the row of pages can be pushed; the present page is in sight.
"use strict";
const here = document.querySelector(".top nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 80;

// Place, period and filters stay while one looks at pages that have none: in this tab, until somebody logs out.
const kept = "hymio-filters";
const filtered = () => [...document.querySelectorAll("a[data-filtered]")];
const keepFilters = () => {
  if ("filters" in document.body.dataset) sessionStorage.setItem(kept, filtered()[0]?.search ?? "");
};
if (!here && !filtered().length) sessionStorage.removeItem(kept);
if ("filters" in document.body.dataset) {
  keepFilters();
  document.addEventListener("htmx:afterSettle", keepFilters);
} else {
  for (const link of filtered()) link.search = sessionStorage.getItem(kept) ?? "";
}
