// Finds places as one types.
"use strict";
const finder = document.querySelector(".finder");
if (finder) {
  const options = [...document.querySelectorAll(".options li")];
  finder.hidden = false;
  finder.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of options) {
      const path = option.dataset.path.toLowerCase();
      option.hidden = !words.every((word) => path.includes(word));
    }
    for (const group of document.querySelectorAll(".in-group")) {
      group.classList.toggle("empty", words.length > 0 && !group.querySelector("li:not([hidden])"));
    }
  });
  // Enter in the search makes no codes.
  finder.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}
