// On a narrow screen the row of pages can be pushed; the present page is in sight.
"use strict";
const here = document.querySelector(".top nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 80;
