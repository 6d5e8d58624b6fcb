// Asks for what changed since, and says when the page no longer hears from the head office.
"use strict";
const pill = () => document.getElementById("connection");
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(lost, () => pill().classList.add("lost"));
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) pill().classList.remove("lost");
});
// The marks of what is shown: only parts with other marks are sent, and take their place.
document.addEventListener("htmx:configRequest", (event) => {
  const marks = [...document.querySelectorAll("[data-mark]")].map((part) => part.dataset.mark);
  event.detail.parameters.seen = marks.join(".");
});
