// What is wrong with the page as it stands: a list of words, each naming one element.
() => {
  const found = new Set();
  const closed = [...document.querySelectorAll("details:not([open]):not(.explain)")];
  for (const details of closed) details.open = true;
  const width = document.documentElement.clientWidth;
  const say = (what, element, text) => {
    const name = element.closest("[id]")?.id;
    const look = [...element.classList].slice(0, 2).map((c) => `.${c}`).join("");
    const words = (text ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
    found.add(`${what}: ${element.tagName.toLowerCase()}${look}${name ? ` in #${name}` : ""} “${words}”`);
  };
  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  // What only screen readers get is clipped away.
  const unseen = (element) => {
    for (let box = element; box; box = box.parentElement) if (style(box).clipPath === "inset(50%)" || box.matches(".skip")) return true;
    return false;
  };
  const hides = (value) => value === "hidden" || value === "clip";
  const scrolls = (value) => value === "auto" || value === "scroll";

  if (document.documentElement.scrollWidth > width) say("page too wide", document.body, `${document.documentElement.scrollWidth} > ${width}`);

  const lines = [];
  const walker = document.createTreeWalker(document.querySelector("dialog[open]") ?? document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.textContent.trim() || ["SCRIPT", "STYLE", "OPTION", "TEXTAREA", "NOSCRIPT"].includes(element.tagName)) continue;
    if (!element.checkVisibility({ visibilityProperty: true }) || unseen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let rects = [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
    if (!rects.length) continue;
    const size = parseFloat(style(element).fontSize);
    if (size < 12) say(`letters of ${size} px`, element, node.textContent);
    let scrolled = false;
    for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
      const look = style(box);
      const edge = box.getBoundingClientRect();
      if (scrolls(look.overflowX) || scrolls(look.overflowY)) {
        scrolled = true;
        rects = rects.filter((r) => r.left < edge.right && r.right > edge.left && r.top >= edge.top - 1 && r.bottom <= edge.bottom + 1);
        break;
      }
      if (hides(look.overflowX) && look.textOverflow === "ellipsis" && box.scrollWidth > box.clientWidth + 1) say("cut with …", box);
      const card = look.display !== "inline" && (parseFloat(look.borderRightWidth) > 0 || look.backgroundColor !== "rgba(0, 0, 0, 0)" || hides(look.overflowX));
      if (card && rects.some((r) => r.right > edge.right + 1 || r.left < edge.left - 1)) { say("leaves its box", element, node.textContent); break; }
      const stays = hides(look.overflowY) && rects.some((r) => r.top < edge.top - 0.3 * r.height || r.bottom > edge.bottom + 0.3 * r.height);
      if (stays) { say("cut at the height", element, node.textContent); break; }
      if (look.position === "fixed") break;
    }
    if (!scrolled && rects.some((r) => r.right > width + 1 || r.left < -1)) say("leaves the page", element, node.textContent);
    lines.push(...rects.map((r) => ({ r, element, node })));
  }

  lines.sort((a, b) => a.r.top - b.r.top);
  for (let i = 0; i < lines.length; i += 1) {
    const a = lines[i];
    for (let k = i + 1; k < lines.length && lines[k].r.top < a.r.bottom; k += 1) {
      const b = lines[k];
      if (a.node === b.node) continue;
      const across = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const down = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      // A line's box is higher than its letters.
      if (across > 2 && down > 0.4 * Math.min(a.r.height, b.r.height)) say(`stands on “${b.node.textContent.trim().slice(0, 20)}”`, a.element, a.node.textContent);
    }
  }

  for (const control of document.querySelectorAll("button, input:not([type=hidden]), select, textarea")) {
    if (!control.checkVisibility() || unseen(control)) continue;
    const edge = control.getBoundingClientRect();
    const inside = control.closest(".scroll, dialog");
    if (!inside && edge.right > width + 1) say("leaves the page", control);
    if (control.tagName === "BUTTON" && control.scrollWidth > control.clientWidth + 1) say("wider than its button", control);
    // Where something stands is read to its end in the list itself.
    if (control.tagName === "SELECT" && !/ \/ /.test(control.selectedOptions[0]?.textContent)) {
      const probe = document.createElement("span");
      probe.style.cssText = `position:absolute;visibility:hidden;white-space:nowrap;font:${style(control).font}`;
      probe.textContent = control.selectedOptions[0]?.textContent ?? "";
      document.body.append(probe);
      const room = control.clientWidth - parseFloat(style(control).paddingLeft) - parseFloat(style(control).paddingRight);
      if (probe.offsetWidth > room + 1) say("choice is cut", control, probe.textContent);
      probe.remove();
    }
    if (control.tagName === "INPUT" && control.placeholder && control.scrollWidth > control.clientWidth + 1) say("hint is cut", control, control.placeholder);
  }
  // An explanation lies over what is below it: opened by itself, it stays in the window.
  for (const details of document.querySelectorAll("details.explain:not([open])")) {
    details.open = true;
    for (const part of details.children) {
      const edge = part.getBoundingClientRect();
      if (edge.width && (edge.right > width + 1 || edge.left < -1)) say("leaves the page", part);
    }
    if (document.documentElement.scrollWidth > width) say("page too wide when explained", details);
    details.open = false;
  }
  // Years and numbers of kiosks have no sign for thousands.
  for (const { node, element } of lines) {
    const numbers = node.textContent.match(/(?<![\d.,:/\-\u00a0\u202f])\d{4,}(?![\d:\-])/g) ?? [];
    const plain = numbers.some((n) => n.length > 4 || n < 1900 || n > 2100);
    if (plain && !element.closest("code, pre, .said-text, [translate=no]") && !/\b(Kiosk|Terminal|Laite)\b/.test(node.textContent)) say("no sign for thousands", element, node.textContent);
  }
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth) say("no picture", picture, picture.src);
  for (const details of closed) details.open = false;
  return [...found];
}
