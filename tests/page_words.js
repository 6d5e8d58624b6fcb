// The texts of a page, each once, but for those that are data and say so.
() => {
  const texts = new Set();
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const lang = document.documentElement.lang;
  const foreign = (element) => {
    const own = element.closest("[lang]");
    return own?.lang !== lang || element.closest("[translate=no], code, pre, textarea, datalist, .languages") !== null;
  };
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (["SCRIPT", "STYLE"].includes(element.tagName) || foreign(element)) continue;
    texts.add(walker.currentNode.textContent.trim().replace(/\s+/g, " "));
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    if (foreign(element)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) if (element.getAttribute(name)) texts.add(element.getAttribute(name).trim().replace(/\s+/g, " "));
  }
  for (const script of document.querySelectorAll("script[type='application/json']")) {
    // Of a chart: what is written beside its axes and lines.
    const { labels, series, quiet } = JSON.parse(script.textContent);
    for (const text of [...(labels ?? []), ...[...(series ?? []), ...(quiet ?? [])].map((line) => line.name)]) texts.add(text);
  }
  return [...texts];
}
