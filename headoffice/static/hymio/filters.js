// Filters answer at once; without this file the form's button does the same.
"use strict";
document.documentElement.classList.add("swift");
document.addEventListener("change", (event) => {
  // Choosing a day means own days, whatever the named period was.
  if (event.target.matches(".filters [type=date]")) document.getElementById("f-period").value = "";
}, true);
document.addEventListener("htmx:configRequest", (event) => {
  // Short addresses: what is empty is left out, and days that a named period makes needless.
  const fields = event.detail.parameters;
  for (const name of Object.keys(fields)) if (fields[name] === "") delete fields[name];
  if (fields.period) { delete fields.from; delete fields.to; }
  if (fields.from_hour === "0" && fields.to_hour === "24") { delete fields.from_hour; delete fields.to_hour; }
});
// What the page showed when it came, for when a change can't be followed.
let shownForm = null;
const keepForm = () => { shownForm = document.querySelector(".filters")?.cloneNode(true) ?? null; };
keepForm();
document.addEventListener("htmx:afterSettle", (event) => {
  const results = document.getElementById("results");
  if (!results || event.detail.target?.id === "trouble") return;
  document.title = `${results.dataset.title} · Hymio`;
  document.getElementById("trouble").hidden = true;
  results.removeAttribute("aria-busy");
  keepForm();
  // For who can't see that the figures are others now.
  const said = (where) => results.querySelector(where)?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const figures = said(".hero-index, .hero-none") || said(".banner");
  document.getElementById("news").textContent = [said("h1"), said(".headline .sub"), figures].filter(Boolean).join(". ");
});
document.addEventListener("htmx:beforeRequest", () => document.getElementById("results")?.setAttribute("aria-busy", "true"));
for (const [lost, why] of [["htmx:sendError", "offline"], ["htmx:timeout", "slow"], ["htmx:responseError", "error"]]) {
  // The page stays as it was, with filters that say what it shows.
  document.addEventListener(lost, (event) => {
    const trouble = document.getElementById("trouble");
    const again = trouble.querySelector("a");
    const path = event.detail.pathInfo.finalRequestPath || event.detail.pathInfo.requestPath;
    document.getElementById("results").removeAttribute("aria-busy");
    const form = document.querySelector(".filters");
    if (form && shownForm) {
      const focused = form.contains(document.activeElement) && document.activeElement.id;
      const fresh = shownForm.cloneNode(true);
      form.replaceWith(fresh);
      htmx.process(fresh);
      if (focused) document.getElementById(focused)?.focus();
    }
    again.href = path;
    again.setAttribute("hx-get", path);
    htmx.process(again);
    trouble.querySelector("p").textContent = trouble.dataset[why];
    trouble.hidden = false;
  });
}
