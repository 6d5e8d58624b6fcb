// The tree of places to choose from: loaded when it is opened, drawn as far as it is open.
// Without this file the same link leads to a page of ticks.
"use strict";
(() => {
  const MOST = 200;
  const box = document.getElementById("chooser");
  if (!box) return;
  const list = box.querySelector(".chooser-list");
  const find = document.getElementById("chooser-find");
  const chips = box.querySelector(".ticked");
  const status = box.querySelector("[role=status]");
  const ticked = new Set();
  const opened = new Set();
  let nodes = null;

  const language = document.documentElement.lang;
  // As everywhere in English: a narrow space between thousands.
  const count = (n) => n.toLocaleString(language);
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const element = (name, more = {}, ...children) => {
    const made = Object.assign(document.createElement(name), more);
    made.append(...children);
    return made;
  };

  async function load() {
    if (nodes) return;
    const reply = await fetch(box.dataset.tree, { headers: { Accept: "application/json" } });
    if (!reply.ok || reply.redirected) throw new Error(reply.statusText);
    const { places, tags } = await reply.json();
    const found = new Map();
    const line = [];
    for (const [key, name, depth, n] of places) {
      const node = { key, name, n, children: [], path: depth ? line[depth - 1] : null };
      node.words = plain(`${node.path ? node.path.words : ""} ${name}`);
      line[depth] = node;
      if (node.path) node.path.children.push(node);
      found.set(key, node);
    }
    for (const [key, name, , n] of tags) found.set(key, { key, name, n, children: [], path: null, words: plain(name), tag: true });
    nodes = found;
    const tops = [...nodes.values()].filter((node) => !node.path && !node.tag);
    // A single top is no choice: what is below it is seen at once.
    if (tops.length === 1) opened.add(tops[0].key);
  }

  function row(node, children) {
    const tick = element("input", { type: "checkbox", value: node.key, checked: ticked.has(node.key) });
    tick.setAttribute("aria-label", node.name);
    const name = element("button", { type: "button", className: "name", textContent: node.name, tabIndex: -1 });
    name.dataset.only = node.key;
    const parts = [tick, name];
    const item = element("li");
    if (node.children.length) {
      const toggle = element("button", { type: "button", className: "toggle", tabIndex: -1 });
      toggle.dataset.toggle = node.key;
      toggle.setAttribute("aria-expanded", String(Boolean(children)));
      toggle.setAttribute("aria-label", `${children ? box.dataset.close : box.dataset.open}: ${node.name}`);
      parts.unshift(toggle);
    }
    if (node.tag || (node.children.length && node.n > 1)) parts.push(element("span", { className: "sub", textContent: count(node.n) }));
    item.append(element("div", { className: node.children.length ? "row" : "row leaf" }, ...parts));
    if (children) item.append(element("ul", {}, ...children));
    return item;
  }

  function draw(focus) {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const everything = [...nodes.values()];
    let seen = null;
    let note = "";
    if (words.length) {
      const hits = everything.filter((node) => words.every((word) => node.words.includes(word)));
      // Below a group that has all the words nothing more is to be found.
      const first = hits.filter((node) => !node.path || !words.every((word) => node.path.words.includes(word)) || opened.has(node.path.key));
      seen = new Set();
      for (const hit of first.slice(0, MOST)) for (let at = hit; at; at = at.path) seen.add(at);
      note = hits.length ? `${box.dataset.found} ${hits.length}` : box.dataset.none;
      if (first.length > MOST) note += `. ${box.dataset.more}`;
    }
    const make = (node) => {
      const below = seen ? node.children.filter((child) => seen.has(child)) : opened.has(node.key) ? node.children : [];
      return row(node, below.length ? below.map(make) : null);
    };
    const tops = everything.filter((node) => !node.path && (!seen || seen.has(node)));
    const made = note ? [element("p", { className: "sub", textContent: note })] : [];
    made.push(element("ul", { className: "choices" }, ...tops.filter((node) => !node.tag).map(make)));
    const tagged = tops.filter((node) => node.tag).map(make);
    if (tagged.length) made.push(element("h3", { textContent: box.dataset.tags }), element("ul", { className: "choices" }, ...tagged));
    list.replaceChildren(...made);
    status.textContent = note;
    const ticks = [...list.querySelectorAll("[type=checkbox]")];
    ticks.forEach((tick, i) => { tick.tabIndex = i ? -1 : 0; });
    if (focus) reach(ticks.find((tick) => tick.value === focus) || ticks[0]);
    drawTicked();
  }

  function drawTicked() {
    chips.replaceChildren(...[...ticked].filter((key) => nodes.has(key)).map((key) => {
      const remove = element("button", { type: "button", className: "plain", textContent: `${nodes.get(key).name} ×` });
      remove.dataset.untick = key;
      remove.setAttribute("aria-label", `${box.dataset.untick}: ${nodes.get(key).name}`);
      return element("li", {}, remove);
    }));
    for (const name of ["show", "compare"]) box.querySelector(`[data-do=${name}]`).disabled = !ticked.size;
  }

  function reach(tick) {
    if (!tick) return;
    for (const other of list.querySelectorAll("[type=checkbox]")) other.tabIndex = -1;
    tick.tabIndex = 0;
    tick.focus();
  }

  async function open() {
    const form = document.querySelector(".filters");
    ticked.clear();
    const fields = [...form.querySelectorAll("input[type=hidden][name=place]")];
    find.value = "";
    list.replaceChildren();
    box.showModal();
    find.focus();
    try {
      box.setAttribute("aria-busy", "true");
      await load();
      // Kiosks are not in the tree.
      for (const { value } of fields) if (nodes.has(value)) ticked.add(value);
      for (const key of ticked) for (let at = nodes.get(key)?.path; at; at = at.path) opened.add(at.key);
      draw();
    } catch {
      list.replaceChildren(element("p", { className: "banner warn", textContent: box.dataset.lost }));
      status.textContent = box.dataset.lost;
    } finally {
      box.removeAttribute("aria-busy");
    }
  }

  function apply(keys, address) {
    const form = document.querySelector(".filters");
    for (const field of form.querySelectorAll("input[type=hidden][name=place]")) field.remove();
    form.prepend(...keys.map((key) => element("input", { type: "hidden", name: "place", value: key })));
    box.close();
    if (address && address !== location.pathname) {
      const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
      const needless = fields.has("period") ? ["from", "to"] : [];
      if (fields.get("from_hour") === "0" && fields.get("to_hour") === "24") needless.push("from_hour", "to_hour");
      for (const name of needless) fields.delete(name);
      location.assign(`${address}?${fields}`);
    } else form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function toggle(key, focus) {
    if (!opened.delete(key)) opened.add(key);
    draw(focus);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-chooser]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  box.addEventListener("click", (event) => {
    const { only, toggle: group, untick, do: what } = event.target.closest("button")?.dataset || {};
    if (only) apply([only]);
    else if (group) toggle(group, group);
    else if (untick) { ticked.delete(untick); draw(); find.focus(); }
    else if (what === "close" || event.target === box) box.close();
    else if (what === "all") apply([]);
    else if (what === "show") apply([...ticked]);
    else if (what === "compare") apply([...ticked], box.dataset.compare);
  });
  box.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    if (event.target.checked) ticked.add(event.target.value); else ticked.delete(event.target.value);
    drawTicked();
  });
  find.addEventListener("input", () => nodes && draw());
  box.addEventListener("keydown", (event) => {
    const ticks = [...list.querySelectorAll("[type=checkbox]")];
    const at = ticks.indexOf(document.activeElement);
    const node = at < 0 ? null : nodes.get(ticks[at].value);
    const inside = node?.children.length && list.querySelector(`[data-toggle="${CSS.escape(node.key)}"]`);
    const moves = {
      ArrowDown: () => reach(ticks[Math.min(at + 1, ticks.length - 1)]),
      ArrowUp: () => (at > 0 ? reach(ticks[at - 1]) : find.focus()),
      ArrowRight: () => inside && inside.getAttribute("aria-expanded") === "false" && toggle(node.key, node.key),
      ArrowLeft: () => (inside && opened.has(node.key) ? toggle(node.key, node.key) : node?.path && reach(ticks.find((tick) => tick.value === node.path.key))),
      Home: () => reach(ticks[0]),
      End: () => reach(ticks[ticks.length - 1]),
      // What is ticked; of a search without ticks the first place that has its words.
      Enter: () => (ticked.size ? apply([...ticked]) : node ? apply([node.key]) : find.value.trim() && first(ticks)),
    };
    const text = document.activeElement === find;
    if (!moves[event.key] || (event.target.tagName === "BUTTON") || (text && !["ArrowDown", "Enter"].includes(event.key))) return;
    if (at < 0 && !text) return;
    event.preventDefault();
    moves[event.key]();
  });
  function first(ticks) {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const hit = ticks.find((tick) => words.every((word) => nodes.get(tick.value).words.includes(word)));
    if (hit) apply([hit.value]);
  }
})();
