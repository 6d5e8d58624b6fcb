// Asks for what changed since, and says when the page no longer hears from the head office.
"use strict";
const pill = () => document.getElementById("connection");
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(lost, () => pill().classList.add("lost"));
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) pill().classList.remove("lost");
});
// The rest of many kiosks is folded on a phone. As somebody left it, it stays when all is drawn anew.
const rest = () => document.querySelector("details.others");
let unfolded = matchMedia("(min-width: 48rem)").matches || Boolean(rest()?.open);
const fold = () => { if (rest()) rest().open = unfolded; };
document.addEventListener("toggle", (event) => {
  if (event.target.matches(".others")) unfolded = event.target.open;
}, true);
document.addEventListener("htmx:oobAfterSwap", fold);
fold();
// The marks of what is shown: only parts with other marks are sent, and take their place.
document.addEventListener("htmx:configRequest", (event) => {
  const marks = [...document.querySelectorAll("[data-mark]")].map((part) => part.dataset.mark);
  event.detail.parameters.seen = marks.join(".");
});
