// Draws what the server worked out. Colours and letters are those of the page, so that light,
// dark and print follow; the numbers stand in a table behind each chart.
"use strict";
(() => {
  const drawn = new Map();
  const { library } = document.currentScript.dataset;
  let loading = null;
  const language = document.documentElement.lang;
  // As the texts of the page: thousands with a sign from 1,000 on in every language.
  const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1, useGrouping: "always" });
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

  const longest = (texts) => Math.max(0, ...texts.map((text) => String(text).length));

  // The next round number above, and steps that end at it.
  function roundTop(most) {
    const rough = Math.max(1, most) / 5;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const interval = Math.max(1, [1, 2, 2.5, 5, 10].map((n) => n * ten).find((step) => step >= rough));
    return { max: interval * Math.ceil(most / interval), interval };
  }

  // By how many pixels the names at the ends of lines move, so that none stands on another.
  function apart(spec, room, height) {
    const [low, high] = spec.axis;
    const ends = spec.series.map((s, k) => [k, ((high - (s.value.findLast((v) => v !== null) ?? low)) / (high - low)) * height]);
    const placed = ends.sort((a, b) => a[1] - b[1]).map(([k, at]) => ({ k, at, to: at }));
    // Down until each has room, and up again where that leads out of the chart.
    for (let i = 1; i < placed.length; i += 1) placed[i].to = Math.max(placed[i].to, placed[i - 1].to + room);
    for (let i = placed.length - 1, most = height + room / 2; i >= 0; i -= 1) {
      placed[i].to = Math.min(placed[i].to, most);
      most = placed[i].to - room;
    }
    const shifts = [];
    for (const { k, at, to } of placed) shifts[k] = to - at;
    return shifts;
  }

  function frame(spec, l, more) {
    return {
      animation: !calm.matches && !printing(),
      animationDuration: 400,
      textStyle: { fontFamily: l.font, color: l.ink },
      // The last label stands half beyond the last point.
      grid: { left: 8, right: Math.max(20, 0.27 * l.size * longest(spec.labels)), top: 24, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis", renderMode: "html", confine: true, backgroundColor: l.card, borderColor: l.line,
        padding: [8, 12], transitionDuration: 0, axisPointer: { type: "line", lineStyle: { color: l.soft, type: "dashed" } },
      },
      xAxis: {
        type: "category", data: spec.labels, boundaryGap: false,
        axisLine: { lineStyle: { color: l.line } }, axisTick: { show: false },
        axisLabel: { color: l.soft, fontSize: l.size, hideOverlap: true, margin: 12 },
      },
      yAxis: {
        type: "value", axisLabel: { color: l.soft, fontSize: l.size, formatter: (v) => one.format(v) },
        splitLine: { lineStyle: { color: l.line } },
      },
      ...more,
    };
  }

  // Where names find no room at the end of their lines they stand below, in so many rows.
  function key(option, l, rows) {
    option.legend = { bottom: 0, type: "plain", textStyle: { color: l.ink, fontFamily: l.font, fontSize: l.size }, itemWidth: 18 };
    option.grid.bottom = 14 + 22 * rows;
  }

  // A point that is not whole, and one without a neighbour, which no line leads to.
  const hollow = (l, colour) => ({ symbolSize: 8, itemStyle: { color: l.card, borderColor: colour, borderWidth: 2.5 } });
  const alone = (values, i) => values[i] !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;

  const kinds = {
    trend(spec, l) {
      // What is not whole is the least sure of all: the number stands at the last whole point.
      const last = spec.value.findLastIndex((v, i) => v !== null && !spec.partial[i]);
      const looks = ["dashed", "dotted", [10, 4, 2, 4]];
      const option = frame(spec, l, {
        series: [
          { type: "line", data: spec.low, stack: "band", silent: true, symbol: "none", lineStyle: { opacity: 0 } },
          {
            type: "line", stack: "band", silent: true, symbol: "none", lineStyle: { opacity: 0 },
            data: spec.high.map((v, i) => (v === null ? null : v - spec.low[i])),
            areaStyle: { color: l.accent, opacity: 0.16 }, stackStrategy: "all",
          },
          ...spec.quiet.map((line, k) => ({
            type: "line", name: line.name, silent: true, itemStyle: { color: l.soft }, symbol: "circle",
            data: line.value.map((value, i) => ({ value, symbolSize: alone(line.value, i) ? 4 : 0 })),
            lineStyle: { color: l.soft, width: 1.5, type: looks[k % looks.length] },
          })),
          {
            type: "line", lineStyle: { color: l.accent, width: 3 }, itemStyle: { color: l.accent }, z: 4,
            data: spec.value.map((value, i) => ({
              value, symbol: "circle",
              itemStyle: { color: l.accent }, symbolSize: i === last ? 11 : spec.value.length < 20 ? 8 : 5,
              ...(spec.partial[i] ? hollow(l, l.accent) : {}),
              label: {
                show: i === last, position: "top", distance: 8, formatter: () => one.format(Math.round(value)),
                color: l.ink, fontFamily: l.font, fontWeight: 600, fontSize: l.size * 1.4,
                textBorderColor: l.card, textBorderWidth: 3,
              },
            })),
          },
        ],
      });
      [option.yAxis.min, option.yAxis.max] = spec.axis;
      option.tooltip.formatter = (items) => {
        const i = items[0].dataIndex;
        const own = spec.value[i] === null ? [] : [
          `${one.format(spec.value[i])}  (${one.format(spec.low[i])} – ${one.format(spec.high[i])})`, `n = ${one.format(spec.n[i])}`,
        ];
        const then = spec.quiet.filter((line) => line.value[i] !== null && line.value[i] !== undefined)
          .map((line) => `${line.name}: ${one.format(line.value[i])}  (n = ${one.format(line.n[i])})`);
        return [spec.labels[i], ...own, ...then].join("\n");
      };
      return option;
    },
    lines(spec, l, width, height) {
      // Colours that differ in hue and lightness; the last one, all places, is quiet.
      const colours = [l.accent, l.moods[0], l.moods[4], l.moods[2], l.ink, l.moods[1]];
      const dashes = ["solid", "solid", "solid", "dashed", "dashed", "dotted"];
      const direct = width > 560;
      const whole = (s) => (s.quiet ? 0 : spec.labels.length < 20 ? 7 : 4);
      const short = (name) => (name.length > 22 ? `${name.slice(0, 21)}…` : name).replace(/[{}|]/g, " ");
      const shifts = apart(spec, 1.25 * l.size, height - 56);
      const option = frame(spec, l, {
        series: spec.series.map((s, k) => {
          const colour = s.quiet ? l.soft : colours[k % colours.length];
          return {
            type: "line", name: s.name, connectNulls: false, z: s.quiet ? 1 : 3, symbol: "circle", showSymbol: true,
            data: s.value.map((value, i) => ({ value, ...(spec.partial[i] ? hollow(l, colour) : { symbolSize: whole(s) }) })),
            lineStyle: { color: colour, width: s.quiet ? 1.5 : 2.5, type: s.quiet ? "dashed" : dashes[k % dashes.length] },
            itemStyle: { color: colour },
            endLabel: {
              // The dot has the colour of the line; in some of them letters would be pale.
              show: direct, offset: [0, shifts[k]], formatter: () => `{dot|●} ${short(s.name)}`,
              rich: { dot: { color: colour, fontSize: l.size } }, color: s.quiet ? l.soft : l.ink, fontFamily: l.font, fontWeight: 600, fontSize: l.size,
            },
          };
        }),
      });
      if (direct) option.grid.right = 24 + 0.6 * l.size * (2 + longest(spec.series.map((s) => short(s.name))));
      else key(option, l, Math.ceil(spec.series.length / 2));
      [option.yAxis.min, option.yAxis.max] = spec.axis;
      option.tooltip.formatter = (items) =>
        [items[0].name, ...items.filter((i) => i.seriesType === "line" && i.value !== undefined && i.value !== null).map((i) =>
          `${i.seriesName}  ${one.format(i.value)}  (n = ${one.format(spec.series[i.seriesIndex].n[i.dataIndex])})`)].join("\n");
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
      if (direct) option.grid.right = 20 + 0.62 * l.size * longest(spec.series.map((s) => s.name));
      else {
        const letters = spec.series.reduce((sum, s) => sum + s.name.length, 0);
        key(option, l, 0.55 * l.size * letters + 36 * spec.series.length > width ? 2 : 1);
      }
      const share = (i) => (i.value === undefined || i.value === null ? "–" : one.format(i.value));
      option.tooltip.formatter = (items) =>
        [items[0].name, ...items.filter((i) => i.seriesType === "line").map((i) => `${i.seriesName}  ${share(i)} %`).reverse()].join("\n");
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

  function noted(option, spec, l) {
    // A thin line with a number for each note; what it says stands below the chart.
    if (!spec.notes?.length) return option;
    if (option.yAxis.max === undefined) Object.assign(option.yAxis, roundTop(1.1 * Math.max(1, ...spec.value)));
    const top = option.yAxis.max;
    const marks = new Map();
    for (const { at, mark } of spec.notes) marks.set(at, [...(marks.get(at) ?? []), mark]);
    option.series.push({
      type: "bar", name: "", silent: true, barWidth: 1.5, barGap: "-100%", z: 5, tooltip: { show: false },
      data: spec.labels.map((_label, i) => (marks.has(i) ? top : null)),
      itemStyle: { color: l.soft },
      label: {
        show: true, position: "top", distance: 3, color: l.ink, fontFamily: l.font, fontWeight: 600, fontSize: l.size,
        formatter: ({ dataIndex }) => marks.get(dataIndex)?.join(", ") ?? "",
      },
    });
    return option;
  }

  // Texts of people stand in a tooltip: as text, in the letters of the page.
  function asText(formatter) {
    return (items) => {
      const tip = document.createElement("div");
      tip.className = "tip";
      tip.textContent = formatter(Array.isArray(items) ? items : [items]);
      return tip;
    };
  }

  // Two fingers or the wheel with Ctrl zoom; a zoomed chart is pulled. One finger moves the page.
  const zoom = { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, preventDefaultMouseMove: false, minValueSpan: 3 };

  function follow(spec, i) {
    const link = spec.links && spec.links[i];
    if (link) location.assign(link);
  }

  // A click leads to the answers behind a point; a finger's first touch says what it is.
  function listen(box, chart) {
    let touched = null;
    let finger = false;
    box.addEventListener("pointerdown", (event) => { finger = event.pointerType !== "mouse"; }, true);
    chart.getZr().on("click", (event) => {
      const at = [event.offsetX, event.offsetY];
      const { spec, chosen } = box;
      if (!spec.links || !chart.containPixel("grid", at)) return;
      const [i] = chart.convertFromPixel({ gridIndex: 0 }, at);
      if (!finger || touched === i) follow(spec, i);
      touched = i;
      box.chosen = i ?? chosen;
    });
    box.addEventListener("keydown", (event) => {
      const { spec } = box;
      const last = spec.labels.length - 1;
      const to = { ArrowLeft: box.chosen - 1, ArrowRight: box.chosen + 1, Home: 0, End: last }[event.key];
      if (event.key === "Enter") follow(spec, box.chosen);
      else if (event.key === "+" || event.key === "-") zoomBy(chart, box.chosen / Math.max(1, last), event.key === "+" ? 0.5 : 2);
      else if (event.key === "Escape") chart.dispatchAction({ type: "hideTip" });
      else if (to !== undefined) choose(chart, box, Math.min(last, Math.max(0, to)));
      else return;
      event.preventDefault();
    });
    box.addEventListener("blur", () => chart.dispatchAction({ type: "hideTip" }));
  }

  function choose(chart, box, i) {
    box.chosen = i;
    chart.dispatchAction({ type: "showTip", seriesIndex: box.main, dataIndex: i });
  }

  function zoomBy(chart, at, factor) {
    const [now] = chart.getOption().dataZoom || [];
    if (!now) return;
    const width = Math.min(100, (now.end - now.start) * factor);
    const start = Math.min(100 - width, Math.max(0, 100 * at - width / 2));
    chart.dispatchAction({ type: "dataZoom", start, end: start + width });
  }

  function draw(box) {
    box.spec ??= JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const { spec } = box;
    let chart = drawn.get(box);
    if (!chart) {
      chart = echarts.init(box, null, { renderer: "canvas" });
      drawn.set(box, chart);
      if (spec.kind !== "distribution") {
        box.chosen = spec.labels.length - 1;
        box.tabIndex = 0;
        listen(box, chart);
      }
    }
    const l = look();
    const option = kinds[spec.kind](spec, l, box.clientWidth, box.clientHeight);
    box.main = option.series.length - 1;
    noted(option, spec, l);
    if (option.tooltip.formatter) option.tooltip.formatter = asText(option.tooltip.formatter);
    if (spec.kind !== "distribution" && spec.labels.length > 6) option.dataZoom = [zoom];
    chart.setOption(option, true);
    box.classList.toggle("leads", Boolean(spec.links));
    box.dataset.drawn = spec.kind;
  }

  // Most pages have no chart: what draws them is fetched where there is one, or comes to be.
  function loaded() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = library;
      script.onload = done;
      script.onerror = () => { loading = null; script.remove(); failed(new Error(library)); };
      document.head.append(script);
    });
    return loading;
  }

  async function drawAll() {
    if (!document.querySelector("[data-chart]") && !drawn.size) return;
    await loaded();
    redrawAll();
  }

  // What is in sight is drawn first, the rest when there is time.
  function redrawAll() {
    for (const [box, chart] of drawn) {
      if (!box.isConnected) { chart.dispose(); drawn.delete(box); }
    }
    for (const box of document.querySelectorAll("[data-chart]")) {
      const near = box.getBoundingClientRect().top < 1.2 * innerHeight;
      if (near || printing() || !window.requestIdleCallback) draw(box);
      else requestIdleCallback(() => { if (box.isConnected) draw(box); }, { timeout: 1000 });
    }
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
    if (!window.echarts) return;
    redrawAll();
    for (const chart of drawn.values()) chart.getZr().refreshImmediately();
  });
  window.addEventListener("afterprint", () => { page.remove("printing"); fit(); });
  dark.addEventListener("change", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  drawAll();
  // The canvas draws letters in their font only once it is there.
  document.fonts.ready.then(drawAll);
})();
