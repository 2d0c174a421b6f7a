// Numbers: what is selected, and what the metrics are for it. Nothing here touches the page.
const D = JSON.parse(document.getElementById("data").textContent);
const ALL = "all";
const state = { from: 0, to: D.dates.length - 1, breakdown: ALL, value: -1, traffic: ALL };

const isPublished = (table) => Boolean(D.tables[table] && D.tables[table].row_count);

/** The series of a cube for the selection, and what of the selection the cube cannot follow. */
function seriesOf(cubeName, part) {
  const cube = D.cubes[cubeName];
  if (!cube) return { arrays: null, ignored: [] };
  const divides = state.breakdown === ALL || cube.breakdowns.includes(state.breakdown);
  const breakdown = divides ? state.breakdown : ALL;
  const index = divides && state.breakdown !== ALL ? state.value : 0;
  const key = (traffic) => [traffic, part || "", breakdown, index].join("|");
  // A series that is the same without crawler-like sessions is written once.
  const found = (cube.traffic ? cube.series[key(state.traffic)] : null) || cube.series[key(ALL)];
  const ignored = divides ? [] : [state.breakdown === "brand" ? "brand" : "category"];
  if (state.traffic !== ALL && !cube.traffic && !cube.traffic_is_irrelevant) ignored.push("traffic");
  return { cube, arrays: found || null, ignored };
}

/** What `make` finds when the page is divided otherwise; the selection is afterwards as it was. */
function dividedBy(breakdown, value, make) {
  const kept = { breakdown: state.breakdown, value: state.value };
  Object.assign(state, { breakdown, value });
  try {
    return make();
  } finally {
    Object.assign(state, kept);
  }
}

/** The filter that numbers cannot follow which are divided by something else already. */
const ignoredBeside = () =>
  state.breakdown === ALL ? [] : [state.breakdown === "brand" ? "brand" : "category"];

/** The last complete day of the selection on which something is known; null without one. */
function lastKnown(values) {
  for (let day = state.to; day >= state.from; day -= 1) {
    if (values[day] !== null && !(D.dates[day] in D.incomplete)) return day;
  }
  return null;
}

/** The day a week before; null if that day, or the one itself, is incomplete or not on the page. */
function weekBefore(day) {
  const before = day - 7;
  return before < 0 || D.dates[day] in D.incomplete || D.dates[before] in D.incomplete ? null : before;
}

/** The change of each day against the same weekday a week before. */
const weeklyChange = (values) => values.map((value, day) => {
  const before = weekBefore(day);
  return before === null || value === null || !values[before] ? null : value / values[before] - 1;
});

/** One measure of a cube by date: null where the date is not published. */
function measure(cubeName, name, part) {
  const { cube, arrays } = seriesOf(cubeName, part);
  if (!cube) return D.dates.map(() => null);
  const position = cube.measures.indexOf(name);
  const nothing = cube.additive.includes(name) ? 0 : null;
  const days = new Set(cube.days);
  return D.dates.map((_, day) => {
    if (!days.has(day)) return null;
    const value = arrays ? arrays[position][day] : null;
    return value === null || value === undefined ? nothing : value;
  });
}

function ignoredBy(metricName) {
  const metric = D.metrics[metricName];
  return seriesOf(metric.cube, metric.part).ignored;
}

/** A metric day by day. */
function daily(name) {
  const metric = D.metrics[name];
  const above = measure(metric.cube, metric.measure, metric.part);
  if (!metric.over) return above;
  const below = measure(metric.cube, metric.over, metric.part);
  return above.map((value, day) => (value === null || !below[day] ? null : value / below[day]));
}

/** A metric over days: sums of what adds up, ratios of sums, nothing of what does not add up. */
function over(name, first, last) {
  const metric = D.metrics[name];
  if (!metric.additive && !metric.over) return null;
  const above = sumOver(measure(metric.cube, metric.measure, metric.part), first, last);
  if (!metric.over) return above;
  const below = sumOver(measure(metric.cube, metric.over, metric.part), first, last);
  return above === null || !below ? null : above / below;
}

/** The sum of what is published of some days; null where nothing is. */
function sumOver(values, first, last) {
  const known = values.slice(first, last + 1).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
}

const total = (name) => over(name, state.from, state.to);

/** Days of a stretch that no number should be compared with, as indexes. */
function unfit(name, first, last) {
  const metric = D.metrics[name];
  const values = measure(metric.cube, metric.measure, metric.part);
  const found = [];
  for (let day = first; day <= last; day += 1) {
    if (D.dates[day] in D.incomplete || values[day] === null) found.push(day);
  }
  return found;
}

/** The change against the equally long time before, or why there is none. */
function change(name) {
  const length = state.to - state.from + 1;
  const first = state.from - length;
  if (first < 0) return { reason: `no ${length} days before` };
  const bad = unfit(name, first, state.to);
  if (bad.length) return { reason: `${D.dates[bad[0]]} is incomplete` };
  const [now, before] = [total(name), over(name, first, state.from - 1)];
  if (now === null || !before) return { reason: "nothing before" };
  return { share: now / before - 1, points: 100 * (now - before), before, length };
}

/** The days of the selection as rows for a chart. */
function days(values) {
  const rows = [];
  for (let day = state.from; day <= state.to; day += 1) {
    const date = D.dates[day];
    rows.push({ date, value: values[day], reason: D.incomplete[date] || "" });
  }
  return rows;
}

const valueName = () => (state.breakdown === ALL ? "" : D.values[state.breakdown][state.value]);

// --- Numbers as text

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const TWO = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const dollars = (form, value) => `${value < 0 ? "−" : ""}$${form.format(Math.abs(value))}`;

function say(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  switch (unit) {
    case "USD": return dollars(Math.abs(value) >= 100000 ? SHORT : TWO, value);
    case "share": return percent(value);
    case "seconds": return duration(value);
    case "ratio": return TWO.format(value);
    default: return Math.abs(value) >= 1e6 ? SHORT.format(value) : WHOLE.format(value);
  }
}

/** Every digit, for tables. */
function exact(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "USD") return dollars(TWO, value);
  return unit === "count" ? WHOLE.format(value) : say(value, unit);
}

/** A share that never reads as none or all when it is not. */
function percent(value) {
  if (value > 0 && value < 0.0001) return "< 0.01 %";
  if (value < 1 && value > 0.9999) return "> 99.99 %";
  const digits = Math.abs(value) < 0.1 ? 2 : 1;
  return `${(100 * value).toFixed(digits)} %`;
}

function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
  return `${WHOLE.format(whole / 86400)} days`;
}
