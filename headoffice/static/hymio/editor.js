// The editor keeps what is typed by itself; questions are moved by dragging. Without this file its buttons do the same.
"use strict";
document.documentElement.classList.add("swift");
// On a phone the question that was chosen stands below the list.
if (innerWidth < 1024 && location.search.includes("question=")) document.getElementById("question").scrollIntoView();
// How often something was typed, how often when the last request left, and how often the head office knows of.
let typed = 0, sent = 0, known = 0;
const form = () => document.getElementById("question-form");
document.addEventListener("input", (event) => { if (event.target.form === form()) typed += 1; });
document.addEventListener("htmx:beforeRequest", () => { sent = typed; });
const trouble = document.getElementById("trouble");
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(lost, () => { trouble.hidden = false; });
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!event.detail.successful) return;
  known = sent;
  trouble.hidden = true;
});
document.getElementById("try-again").addEventListener("click", () => htmx.trigger(form(), "change"));
// Who goes to another page while something was just typed loses nothing.
const keep = () => fetch(form().action, { method: "POST", body: new FormData(form()), keepalive: true });
const keepFirst = (event, then) => {
  event.preventDefault();
  keep().then(() => { known = typed; then(); }, () => { trouble.hidden = false; });
};
const isUnsaved = () => typed > known && form() !== null;
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (target === form() && !submitter?.name) {
    // Enter in a field keeps the question; it does not leave the page.
    event.preventDefault();
    htmx.trigger(form(), "change");
  } else if (target !== form() && !target.hasAttribute("hx-post") && isUnsaved()) {
    keepFirst(event, () => target.requestSubmit(submitter));
  }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !isUnsaved()) return;
  keepFirst(event, () => location.assign(link.href));
});
window.addEventListener("pagehide", () => { if (isUnsaved()) keep(); });

// Dragging, by mouse, pen or finger.
let lifted = null;
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button) return;
  event.preventDefault();
  lifted = grip.closest(".question-row");
  lifted.classList.add("lifted");
  grip.setPointerCapture(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  if (!lifted) return;
  const others = [...lifted.parentElement.children].filter((row) => row !== lifted && !("fixed" in row.dataset));
  const below = others.find((row) => {
    const box = row.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  });
  if (below) below.before(lifted);
  else lifted.parentElement.append(lifted);
});
const drop = (keep) => {
  if (!lifted) return;
  const row = lifted;
  lifted = null;
  row.classList.remove("lifted");
  const order = row.closest("form");
  const to = [...row.parentElement.children].indexOf(row);
  if (keep) htmx.ajax("POST", order.action, { source: order, target: "#outline", swap: "outerHTML", values: { move: `${row.dataset.key}:${to}` } });
  else location.reload();
};
document.addEventListener("pointerup", () => drop(true));
document.addEventListener("pointercancel", () => drop(false));
