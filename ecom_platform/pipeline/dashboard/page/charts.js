// Charts: specifications for the charting library, in the colours of the page.

let drawn = [];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function themed(spec) {
  const [ink, soft, line] = [colour("ink"), colour("soft"), colour("line")];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: "container", height: 220, background: "transparent",
    autosize: { type: "fit", contains: "padding" }, padding: 4, ...spec,
    config: {
      font: "system-ui, sans-serif", view: { stroke: null },
      axis: { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: soft, labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal" },
      text: { color: ink }, bar: { cornerRadiusEnd: 2 }, ...(spec.config || {}),
    },
  };
}

/** An element that draws itself once it is on the page, with words for who cannot see it. */
function chart(words, makeSpec) {
  // The library names what it draws into; the words for the chart belong to the box around it.
  const inner = el("div", { "aria-hidden": "true" });
  const box = el("div", { class: "chart", role: "img", "aria-label": words }, inner);
  drawn.push({ box, inner, makeSpec });
  return box;
}

async function drawAll() {
  const root = document.documentElement.dataset;
  root.asked = String(Number(root.asked || 0) + 1);
  const asked = root.asked;
  const work = drawn.filter((one) => one.box.isConnected);
  drawn = [];
  for (const one of work) {
    const spec = themed(one.makeSpec());
    await vegaEmbed(one.inner, spec, { actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } });
    for (const name of ["role", "aria-roledescription", "aria-label"]) one.inner.removeAttribute(name);
  }
  // For tests: what was asked for last is on the page.
  if (asked === root.asked) root.drawn = asked;
}

const AXIS_FORMAT = { USD: "$~s", share: ".3~p", count: "~s", seconds: "~s", ratio: "~f", place: "d" };
const SECONDS_IN_WORDS = "datum.value >= 3600 ? datum.value / 3600 + ' h' : datum.value >= 60 ? datum.value / 60 + ' min' : datum.value + ' s'";
const STEPS_OF_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 36000, 86400];

/** An axis of values in a unit, which its labels name; seconds in steps of a clock. */
function valueAxis(unit, rows) {
  if (unit !== "seconds") {
    // With a prefix zero would be "0k", which nobody writes.
    const zero = { count: "0", USD: "$0" }[unit];
    return { format: AXIS_FORMAT[unit], tickCount: 5, ...(zero && { labelExpr: `datum.value === 0 ? '${zero}' : datum.label` }) };
  }
  const top = Math.max(1, ...rows.map((row) => row.value || 0));
  const step = STEPS_OF_SECONDS.find((seconds) => top / seconds <= 6) || top;
  return { values: [...Array(Math.floor(top / step) + 1).keys()].map((at) => at * step), labelExpr: SECONDS_IN_WORDS };
}

const COLOURS = ["series-1", "series-2", "series-3", "series-4", "series-5"];

const dayAxis = (rows) => ({
  field: "date", type: "ordinal", title: null, scale: { paddingInner: 0.18, paddingOuter: 0.1 },
  axis: {
    labelAngle: 0, labelOverlap: true, labelSeparation: 6, ticks: false,
    labelExpr: rows.length > 62 ? "slice(datum.label, 0, 7)" : "slice(datum.label, 5)",
  },
});

const dayTips = () => [
  { field: "date", type: "nominal", title: "date" }, { field: "name", type: "nominal", title: " " },
  { field: "said", type: "nominal", title: "value" }, { field: "reason", type: "nominal", title: "incomplete" },
];

const told = (rows, unit, name) => rows.map((row) => ({ ...row, name: row.name || name, said: say(row.value, unit) }));

/** Bars by day; incomplete days are hatched. */
function dayBars(name, values, unit) {
  const rows = told(days(values), unit, name);
  return chart(`${name} by day. ${describe(rows, unit)}`, () => ({
    data: { values: rows },
    mark: { type: "bar" },
    encoding: {
      x: dayAxis(rows), y: { field: "value", type: "quantitative", title: null, axis: valueAxis(unit, rows) },
      fill: { condition: { test: "datum.reason != ''", value: "url(#hatch)" }, value: colour("series-1") },
      stroke: { condition: { test: "datum.reason != ''", value: colour("hatch") }, value: "transparent" },
      tooltip: dayTips(),
    },
  }));
}

/** Stacked bars by day. series: [{name, values, colour}]. */
function dayStack(title, series, unit) {
  const rows = series.flatMap((one, order) => told(days(one.values), unit, one.name).map((row) => ({ ...row, order })));
  const names = series.map((one) => one.name);
  return chart(`${title} by day: ${names.join(", ")}.`, () => ({
    data: { values: rows },
    layer: [
      {
        mark: { type: "bar" },
        encoding: {
          x: dayAxis(rows), y: { field: "value", type: "quantitative", stack: "zero", title: null, axis: valueAxis(unit, rows) },
          fill: { field: "name", type: "nominal", legend: null, scale: { domain: names, range: series.map((one) => colour(one.colour)) } },
          order: { field: "order" }, opacity: { condition: { test: "datum.reason != ''", value: 0.35 }, value: 1 }, tooltip: dayTips(),
        },
      },
      hatchedBands(rows),
    ],
  }));
}

/** A band over each incomplete day, as high as the chart. */
const hatchedBands = (rows) => ({
  data: { values: unique(rows.filter((row) => row.reason)) },
  mark: { type: "bar", opacity: 0.45 },
  encoding: { x: dayAxis(rows), y: { value: 0 }, y2: { value: "height" }, fill: { value: "url(#hatch)" }, tooltip: [{ field: "date", type: "nominal" }, { field: "reason", type: "nominal", title: "incomplete" }] },
});

const unique = (rows) => [...new Map(rows.map((row) => [row.date, { date: row.date, reason: row.reason }])).values()];

/** Lines by day, broken at incomplete days, whose values are hollow points. series: [{name, values, colour}]. */
function dayLines(title, series, unit, { zero = true, scale: stretched = {}, axis = {} } = {}) {
  const rows = series.flatMap((one) => told(days(one.values), unit, one.name));
  if (rows.every((row) => row.value === null)) return el("p", { class: "says" }, "No day of the selection has a value, or a day to be compared with.");
  const names = series.map((one) => one.name);
  const lines = rows.map((row) => ({ ...row, value: row.reason ? null : row.value }));
  const scale = { domain: names, range: series.map((one) => colour(one.colour)) };
  const y = { field: "value", type: "quantitative", title: null, scale: { zero, ...stretched }, axis: { ...valueAxis(unit, rows), ...axis } };
  const paint = { field: "name", type: "nominal", legend: null, scale };
  const about = series.length === 1 ? describe(told(days(series[0].values), unit, title), unit) : `Lines: ${names.join(", ")}.`;
  const complete = rows.filter((row) => !row.reason && row.value !== null);
  const others = rows.filter((row) => row.reason && row.value !== null);
  // A layer without values has no extent, and the library complains.
  const layerOf = (values, mark, encoding) => (values.length ? [{ data: { values }, mark, encoding: { x: dayAxis(rows), y, ...encoding } }] : []);
  return chart(`${title} by day. ${about}`, () => ({
    layer: [
      hatchedBands(rows),
      ...layerOf(complete.length ? lines : [], { type: "line", strokeWidth: 2, invalid: "break-paths-show-path-domains" }, { stroke: paint }),
      ...layerOf(complete, { type: "point", filled: true, size: rows.length > 200 ? 8 : 34, opacity: 1 }, { fill: paint, tooltip: dayTips() }),
      ...layerOf(others, { type: "point", filled: false, size: 34, strokeWidth: 1.5, opacity: 0.8 }, { stroke: paint, tooltip: dayTips() }),
    ],
  }));
}

/** Places by day, the first on top; places after the last that is drawn are gaps. */
function placeLines(title, series, last) {
  const drawn = series.map((one) => ({ ...one, values: one.values.map((place) => (place > last ? null : place)) }));
  const ticks = [...Array(last).keys()].map((place) => place + 1);
  return dayLines(title, drawn, "place", { zero: false, scale: { reverse: true, domain: [1, last], nice: false, padding: 8 }, axis: { values: ticks } });
}

/** A grid of squares. rows: {x, y, value, said}. */
function heatMap(words, rows, options) {
  return chart(words, () => ({
    data: { values: rows }, height: options.ys.length * 27 + 44,
    ...(options.xs.length <= 8 && window.innerWidth > 700 ? { width: options.xs.length * 62 + 150 } : {}),
    mark: { type: "rect", cornerRadius: 3, stroke: colour("card"), strokeWidth: 2 },
    encoding: {
      x: { field: "x", type: "ordinal", scale: { domain: options.xs }, title: options.xTitle, axis: { labelAngle: 0, labelOverlap: true, ticks: false, domain: false } },
      y: { field: "y", type: "ordinal", scale: { domain: options.ys }, title: options.yTitle ?? null, axis: { ticks: false, domain: false, labelLimit: 130 } },
      fill: { field: "value", type: "quantitative", legend: null, scale: { range: [colour("heat-low"), colour("heat-high")], zero: true } },
      tooltip: [{ field: "y", type: "nominal", title: options.yName }, { field: "x", type: "nominal", title: options.xName }, { field: "said", type: "nominal", title: options.valueName }],
    },
  }));
}

/** Upright bars over classes. rows: {x, value, said}. */
function classBars(words, rows, xTitle, unit = "count") {
  return chart(words, () => ({
    data: { values: rows }, mark: { type: "bar", fill: colour("series-1") },
    encoding: {
      x: { field: "x", type: "ordinal", sort: null, title: xTitle, axis: { labelAngle: rows.length > 12 ? -45 : 0, labelOverlap: true, ticks: false } },
      y: { field: "value", type: "quantitative", title: null, axis: valueAxis(unit, rows) },
      tooltip: [{ field: "x", type: "nominal", title: xTitle }, { field: "said", type: "nominal", title: "number" }],
    },
  }));
}

/** Rates with their intervals. rows: {name, rate, low, high, said}. */
function intervals(words, rows) {
  const names = rows.map((row) => row.name);
  const y = { field: "name", type: "ordinal", sort: names, title: null, axis: { labelLimit: 150, ticks: false, labelPadding: 9 } };
  return chart(words, () => ({
    data: { values: rows }, height: rows.length * 24 + 44,
    layer: [
      { mark: { type: "rule", strokeWidth: 5, strokeCap: "round", stroke: colour("accent-soft") }, encoding: { y, x: { field: "low", type: "quantitative" }, x2: { field: "high" } } },
      { mark: { type: "point", filled: true, size: 55, fill: colour("series-1"), opacity: 1 }, encoding: { y, x: { field: "rate", type: "quantitative", title: "share of the sessions that viewed it", axis: { format: ".1~%", tickCount: 8 } }, tooltip: [{ field: "name", type: "nominal", title: "product" }, { field: "said", type: "nominal", title: "purchased" }] } },
    ],
  }));
}

/** A chart in one sentence. */
function describe(rows, unit) {
  const known = rows.filter((row) => row.value !== null && !row.reason);
  if (!known.length) return "No complete day is published.";
  const low = known.reduce((a, b) => (b.value < a.value ? b : a));
  const high = known.reduce((a, b) => (b.value > a.value ? b : a));
  return `Lowest ${say(low.value, unit)} on ${low.date}, highest ${say(high.value, unit)} on ${high.date}.`;
}
