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
});
document.addEventListener("htmx:afterSettle", () => {
  const results = document.getElementById("results");
  if (results) document.title = `${results.dataset.title} · Hymio`;
});
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  // The whole page says better what is wrong than a part that stays as it was.
  document.addEventListener(lost, (event) => { location.assign(event.detail.requestConfig ? event.detail.pathInfo.finalRequestPath : location.href); });
}
