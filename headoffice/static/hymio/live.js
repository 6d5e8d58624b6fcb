// Says when the page no longer hears from the head office, and when it does again.
"use strict";
const pill = () => document.getElementById("connection");
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(lost, () => pill().classList.add("lost"));
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) pill().classList.remove("lost");
});
