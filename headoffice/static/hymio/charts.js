// Draws what the server worked out. Colours and letters are those of the page, so that light,
// dark and print follow; the numbers stand in a table behind each chart.
"use strict";
(() => {
  const drawn = new Map();
  const language = document.documentElement.lang;
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  // The pages write English for readers of many countries: a narrow space between thousands.
  const one = { format: (n) => (language === "en" ? numbers.format(n).replaceAll(",", "\u202f") : numbers.format(n)) };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const page = document.documentElement.classList;
  const printing = () => page.contains("printing");

  function look() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      ink: of("--ink"), soft: of("--soft"), line: of("--line"), card: of("--card"),
      accent: of("--accent"), moods: [0, 1, 2, 3, 4].map((n) => of(`--mood-${n}`)),
      font: style.fontFamily, size: 0.8 * parseFloat(style.fontSize),
    };
  }

  function frame(spec, l, more) {
    return {
      animation: !calm.matches && !printing(),
      animationDuration: 400,
      textStyle: { fontFamily: l.font, color: l.ink },
      grid: { left: 8, right: 20, top: 24, bottom: 4, containLabel: true },
      // Drawn in the canvas: a box of HTML would need inline styles.
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, backgroundColor: l.card,
        borderColor: l.line, textStyle: { color: l.ink, fontFamily: l.font, fontSize: l.size + 1 },
        axisPointer: { type: "line", lineStyle: { color: l.soft, type: "dashed" } },
      },
      xAxis: {
        type: "category", data: spec.labels, boundaryGap: false,
        axisLine: { lineStyle: { color: l.line } }, axisTick: { show: false },
        axisLabel: { color: l.soft, fontSize: l.size, hideOverlap: true },
      },
      yAxis: {
        type: "value", axisLabel: { color: l.soft, fontSize: l.size, formatter: (v) => one.format(v) },
        splitLine: { lineStyle: { color: l.line } },
      },
      ...more,
    };
  }

  const kinds = {
    trend(spec, l) {
      const low = Math.min(...spec.low.filter((v) => v !== null));
      const high = Math.max(...spec.high.filter((v) => v !== null));
      const last = spec.value.findLastIndex((v) => v !== null);
      const option = frame(spec, l, {
        series: [
          { type: "line", data: spec.low, stack: "band", silent: true, symbol: "none", lineStyle: { opacity: 0 }, tooltip: { show: false } },
          {
            type: "line", stack: "band", silent: true, symbol: "none", lineStyle: { opacity: 0 },
            data: spec.high.map((v, i) => (v === null ? null : v - spec.low[i])),
            areaStyle: { color: l.accent, opacity: 0.16 }, stackStrategy: "all",
          },
          {
            type: "line", lineStyle: { color: l.accent, width: 3 }, itemStyle: { color: l.accent },
            data: spec.value.map((value, i) => ({
              value, symbol: "circle",
              itemStyle: spec.partial[i] ? { color: l.card, borderColor: l.accent, borderWidth: 2.5 } : { color: l.accent },
              symbolSize: i === last ? 11 : spec.partial[i] || spec.value.length < 20 ? 8 : 5,
              label: {
                show: i === last, position: "top", distance: 8, formatter: () => one.format(Math.round(value)),
                color: l.ink, fontFamily: l.font, fontWeight: 600, fontSize: l.size * 1.4,
              },
            })),
          },
        ],
      });
      if (Number.isFinite(low)) {
        option.yAxis.min = Math.max(0, Math.floor((low - 3) / 10) * 10);
        option.yAxis.max = Math.min(100, Math.ceil((high + 3) / 10) * 10);
      }
      option.tooltip.formatter = (items) => {
        const i = items[0].dataIndex;
        if (spec.value[i] === null) return spec.labels[i];
        return `${spec.labels[i]}\n${one.format(spec.value[i])}  (${one.format(spec.low[i])} – ${one.format(spec.high[i])})\nn = ${one.format(spec.n[i])}`;
      };
      return option;
    },
    volume(spec, l) {
      const option = frame(spec, l, {
        series: [{
          type: "bar", barCategoryGap: "25%",
          data: spec.value.map((value, i) => ({
            value, itemStyle: { color: l.accent, opacity: spec.partial[i] ? 0.45 : 0.9, borderRadius: [3, 3, 0, 0] },
          })),
        }],
      });
      option.xAxis.boundaryGap = true;
      option.tooltip.formatter = (items) => `${items[0].name}\nn = ${one.format(items[0].value)}`;
      return option;
    },
    moods(spec, l, width) {
      const direct = width > 480;
      // A name stands at the top of its band; a thin band has none, the table and the touch do.
      const thick = (series) => (series.value.findLast((v) => v !== null) || 0) >= 7;
      const option = frame(spec, l, {
        series: spec.series.map((series) => ({
          type: "line", name: series.name, stack: "all", symbol: "none", data: series.value,
          lineStyle: { width: 1, color: l.card }, areaStyle: { color: l.moods[series.mood], opacity: 1 },
          itemStyle: { color: l.moods[series.mood] },
          endLabel: { show: direct && thick(series), formatter: series.name, color: l.ink, fontFamily: l.font, fontSize: l.size },
        })),
      });
      option.yAxis.max = 100;
      option.yAxis.axisLabel.formatter = (v) => `${one.format(v)} %`;
      if (direct) option.grid.right = 20 + 0.62 * l.size * Math.max(...spec.series.map((s) => s.name.length));
      const share = (i) => (i.value === undefined || i.value === null ? "–" : one.format(i.value));
      option.tooltip.formatter = (items) =>
        [items[0].name, ...items.map((i) => `${i.seriesName}  ${share(i)} %`).reverse()].join("\n");
      return option;
    },
    distribution(spec, l, width) {
      const option = frame(spec, l, {
        series: [{
          type: "bar", barCategoryGap: "35%", barMinHeight: 2,
          data: spec.value.map((value, i) => ({
            value,
            itemStyle: { color: spec.moods[i] === null ? l.accent : l.moods[spec.moods[i]], borderRadius: [0, 4, 4, 0] },
            label: { show: true, position: "right", formatter: spec.text[i], color: l.ink, fontFamily: l.font, fontSize: l.size + 1 },
          })),
        }],
      });
      option.tooltip.show = false;
      [option.xAxis, option.yAxis] = [option.yAxis, option.xAxis];
      option.xAxis.max = Math.min(100, Math.max(20, ...spec.value) * 1.15);
      option.xAxis.show = false;
      option.grid.top = 0;
      option.grid.right = 48;
      option.yAxis.inverse = true;
      option.yAxis.boundaryGap = true;
      option.yAxis.axisLine.show = false;
      option.yAxis.axisLabel = { color: l.ink, fontSize: l.size + 1, width: Math.min(220, width * 0.4), overflow: "break" };
      return option;
    },
  };

  function draw(box) {
    const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chart = drawn.get(box) || echarts.init(box, null, { renderer: "canvas" });
    drawn.set(box, chart);
    chart.setOption(kinds[spec.kind](spec, look(), box.clientWidth), true);
    box.dataset.drawn = spec.kind;
  }

  function drawAll() {
    for (const [box, chart] of drawn) {
      if (!box.isConnected) { chart.dispose(); drawn.delete(box); }
    }
    for (const box of document.querySelectorAll("[data-chart]")) draw(box);
  }

  function fit() {
    for (const [box, chart] of drawn) { chart.resize(); draw(box); }
  }

  let waiting = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(fit);
  });
  window.addEventListener("beforeprint", () => {
    // In the colours of paper, and at once: the next frame comes too late.
    page.add("printing");
    drawAll();
    for (const chart of drawn.values()) chart.getZr().refreshImmediately();
  });
  window.addEventListener("afterprint", () => { page.remove("printing"); fit(); });
  dark.addEventListener("change", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  // The canvas draws letters only once their font is there.
  document.fonts.ready.then(drawAll);
})();
