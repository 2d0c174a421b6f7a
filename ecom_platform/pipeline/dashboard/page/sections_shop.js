// Sections about the shop: each returns the elements of its page for the present selection.

const period = () => (state.from === state.to ? D.dates[state.from] : `${D.dates[state.from]} to ${D.dates[state.to]}`);
const wholePeriod = () => `All ${D.dates.length} days, whatever the dates above`;
const rowsByDay = (series) => {
  const rows = [];
  for (let day = state.to; day >= state.from; day -= 1) {
    const reason = D.incomplete[D.dates[day]];
    rows.push([reason ? `${D.dates[day]} (incomplete: ${reason})` : D.dates[day], ...series.map((values) => values[day])]);
  }
  return rows;
};
const dayTable = (title, series) => numbersBehind(`${title}, by day`,
  [{ label: "date" }, ...series.map((one) => ({ label: one.name, unit: one.unit || "count" }))], rowsByDay(series.map((one) => one.values)));

/** A panel with one metric by day. */
function metricPanel(name, options = {}) {
  const metric = D.metrics[name];
  const values = daily(name);
  const drawn = metric.additive ? dayBars(metric.label, values, metric.unit)
    : dayLines(metric.label, [{ name: metric.label, values, colour: "series-1" }], metric.unit);
  return panel(options.title || `${metric.label} by day`, { size: "half", ignored: ignoredBy(name), says: metric.definition, ...options },
    el("figure", {}, drawn), legendOf(days(values)), dayTable(metric.label, [{ name: metric.label, values, unit: metric.unit }]));
}
const legendOf = (rows) => (hatchEntry(rows).length ? legend(hatchEntry(rows)) : null);

function overview() {
  const shown = D.tiles.filter((name) => D.cubes[cubeOf(name)]);
  const absent = D.tiles.filter((name) => !D.cubes[cubeOf(name)]).map((name) => D.metrics[name].label);
  const parts = [el("ul", { class: "tiles", "aria-label": "Key figures" }, ...shown.map(tile))];
  if (absent.length) parts.push(el("p", { class: "note" }, `Not published yet, and so without a tile: ${absent.join(", ")}.`));
  const panels = ["revenue_usd", "session_count", "conversion_rate", "event_count"].filter((name) => D.cubes[cubeOf(name)]);
  parts.push(el("div", { class: "panels" }, ...panels.map((name) => metricPanel(name))));
  return parts;
}
const cubeOf = (name) => D.metrics[name].cube;

function products() {
  const key = (list) => [state.traffic, state.breakdown, state.breakdown === "all" ? 0 : state.value, list].join("|");
  const rowsOf = (list) => {
    const ids = D.products.lists[key(list)] || D.products.lists[key(list).replace("human", "all")] || [];
    const source = D.products.rows[D.products.lists[key(list)] ? state.traffic : "all"];
    return ids.map((id) => source[id]);
  };
  const columns = [{ label: "product" }, { label: "category, brand" }, { label: "sessions that viewed it", unit: "count", bar: true }, { label: "purchased", unit: "count" }, { label: "share", unit: "share" }, { label: "95 % interval" }, { label: "units", unit: "count" }, { label: "revenue", unit: "USD" }];
  const asRow = (one) => [String(one.product_id), `${one.category_name}, ${one.brand}`, one.view_session_count, one.converted_session_count, one.rate, `${say(one.low, "share")} – ${say(one.high, "share")}`, one.unit_count, one.revenue_usd];
  const least = rowsOf("least"), viewed = rowsOf("viewed");
  const options = { size: "", whole: wholePeriod() };
  const interval = (rows) => rows.map((one) => ({ name: String(one.product_id), rate: one.rate, low: one.low, high: one.high, said: `${say(one.rate, "share")} (${say(one.low, "share")} – ${say(one.high, "share")})` }));
  const nothing = (words) => el("p", { class: "says" }, words);
  return [el("div", { class: "panels" },
    panel("Much viewed, seldom bought", { ...options, says: `Products that at least ${D.products.least_views} sessions viewed, ordered by the upper end of the 95 % Wilson interval of the share that bought them: few views alone put no product here.` },
      ...(least.length ? [el("figure", {}, intervals(`Intervals of the ${least.length} least converting products.`, interval(least))), tableOf("Least converting products", columns, least.map(asRow))] : [nothing("No product has enough views.")])),
    panel("Most viewed", options,
      ...(viewed.length ? [tableOf("Most viewed products", columns, viewed.map(asRow))] : [nothing("No product was viewed.")])))];
}

/** A change in words: what is too small for two digits is no "+< 0.01 %". */
const signed = (value) => {
  if (value === null) return "–";
  if (Math.abs(value) < 0.0001) return value === 0 ? "±0 %" : "≈ 0 %";
  return `${value > 0 ? "+" : "−"}${percent(Math.abs(value))}`;
};

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const weekdayOf = (date) => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

function activity() {
  const { ignored } = seriesOf("activity", "view");
  const grid = (type) => {
    const sums = WEEKDAYS.map(() => Array(24).fill(0)), counts = Array(7).fill(0);
    const hours = [...Array(24).keys()].map((hour) => measure("activity", String(hour), type));
    for (let day = state.from; day <= state.to; day += 1) {
      if (hours[0][day] === null || D.incomplete[D.dates[day]]) continue;
      const weekday = weekdayOf(D.dates[day]);
      counts[weekday] += 1;
      hours.forEach((values, hour) => { sums[weekday][hour] += values[day]; });
    }
    return { sums, counts };
  };
  const mapOf = (type, title) => {
    const { sums, counts } = grid(type);
    const rows = WEEKDAYS.flatMap((weekday, at) => sums[at].map((sum, hour) => ({ y: weekday, x: String(hour), value: counts[at] ? sum / counts[at] : null, said: counts[at] ? TWO.format(sum / counts[at]) : "no complete day" })));
    return panel(title, { ignored, size: "half", says: "Mean number an hour (UTC) by weekday, over the complete days of the selection." },
      el("figure", {}, heatMap(`${title}: a grid of seven weekdays and 24 hours. ${busiest(rows)}`, rows, { ys: WEEKDAYS, xs: [...Array(24).keys()].map(String), xTitle: "hour, UTC", xName: "hour", yName: "weekday", valueName: "mean" })),
      numbersBehind(`${title}, mean an hour`, [{ label: "weekday" }, ...[...Array(24).keys()].map((hour) => ({ label: String(hour), unit: "ratio" }))], WEEKDAYS.map((weekday, at) => [weekday, ...sums[at].map((sum) => (counts[at] ? sum / counts[at] : null))])));
  };
  const types = [["view", "views", "series-1"], ["cart", "carts", "series-2"], ["purchase", "purchases", "series-3"]];
  const byDay = types.map(([type, name, paint]) => ({ name, colour: paint, values: D.dates.map((_, day) => { let sum = null; for (let hour = 0; hour < 24; hour += 1) { const value = measureAt("activity", hour, type)[day]; if (value !== null) sum = (sum || 0) + value; } return sum; }) }));
  const changes = byDay.map((one) => ({ ...one, unit: "share", values: weeklyChange(one.values) }));
  return [el("div", { class: "panels" }, mapOf("view", "Views"), mapOf("purchase", "Purchases"), mapOf("cart", "Carts"),
    panel("Each day against a week before", { ignored, size: "half", says: "Only complete days are compared." }, el("figure", {}, dayLines("Change against a week before", changes, "share", { zero: false })), legend([...changes.map((one) => [one.name, one.colour]), ...hatchEntry(days(changes[0].values))]), dayTable("Change against a week before", changes)),
    panel("Events by day", { ignored, size: "" }, el("figure", {}, dayStack("Events", byDay, "count")), legend([...byDay.map((one) => [one.name, one.colour]), ...hatchEntry(days(byDay[0].values))]), dayTable("Events", byDay)),
    weeksPanel(byDay, ignored))];
}
const measureAt = (cube, hour, part) => measure(cube, String(hour), part);

/** ISO weeks that lie in the selection, each against the week before. */
function weeksPanel(series, ignored) {
  const weeks = new Map();
  for (let day = 0; day < D.dates.length; day += 1) {
    const monday = new Date(Date.parse(`${D.dates[day]}T00:00:00Z`) - weekdayOf(D.dates[day]) * 86400000).toISOString().slice(0, 10);
    const week = weeks.get(monday) || { days: 0, unfit: 0, last: day, sums: series.map(() => 0) };
    week.days += 1; week.last = day;
    if (D.incomplete[D.dates[day]] || series[0].values[day] === null) week.unfit += 1;
    series.forEach((one, at) => { week.sums[at] += one.values[day] || 0; });
    weeks.set(monday, week);
  }
  const list = [...weeks.entries()];
  const rows = list.map(([monday, week], at) => {
    const before = at ? list[at - 1][1] : null;
    const fair = before && week.days === 7 && before.days === 7 && !week.unfit && !before.unfit;
    return { last: week.last, row: [`${monday}${week.days < 7 || week.unfit ? " (incomplete)" : ""}`, ...week.sums.flatMap((sum, n) => [sum, fair && before.sums[n] ? sum / before.sums[n] - 1 : null])] };
  }).filter((one) => one.last >= state.from && D.dates[one.last - 0] && one.row).filter((one) => one.last - 6 <= state.to);
  const columns = [{ label: "week from Monday" }, ...series.flatMap((one) => [{ label: one.name, unit: "count" }, { label: "change", unit: "share", say: signed }])];
  return panel("ISO weeks", { ignored, size: "", says: "Whole weeks that touch the selection, against the week before; only complete weeks are compared." }, tableOf("Events by ISO week", columns, rows.map((one) => one.row).reverse()));
}

function busiest(rows) {
  const known = rows.filter((row) => row.value !== null);
  if (!known.length) return "No complete day is selected.";
  const top = known.reduce((a, b) => (b.value > a.value ? b : a));
  return `Most at ${top.x} h on ${top.y}: ${top.said}.`;
}

function prices() {
  const line = (name, label, paint, unit = "USD") => ({ name: label, values: measure("prices", name, ""), colour: paint, unit });
  const { ignored } = seriesOf("prices", "");
  const bands = [line("p75_usd", "three quarters", "series-2"), line("median_usd", "median", "series-1"), line("p25_usd", "a quarter", "series-3")];
  const index = [line("price_index", "price index", "series-1", "ratio")].map((one) => ({ ...one, values: one.values.map((value) => (value === null ? null : Math.round(100 * value) / 100)) }));
  const moved = [line("price_change", "change", "series-4", "share")];
  const last = (name) => { for (let day = state.to; day >= state.from; day -= 1) { const values = measure("prices", name, ""); if (values[day] !== null) return [D.dates[day], values[day]]; } return null; };
  const by = state.breakdown === "brand" ? "brand" : "category";
  const rows = D.values[by].map((name, value) => dividedBy(by, value, () => {
    const found = last("median_usd");
    const day = found ? D.dates.indexOf(found[0]) : -1;
    const at = (measureName) => (found ? measure("prices", measureName, "")[day] : null);
    const index = by === "brand" ? [at("price_index")] : [];
    return [name, found ? found[0] : null, at("product_count"), at("mean_usd"), at("median_usd"), at("spread_usd"), ...index, at("price_change")];
  })).filter((row) => row[1]);
  const about = "Prices of the products that were looked at on the day, each product once.";
  const one = (title, says, series, unit, zero) => panel(title, { ignored, size: "half", says }, el("figure", {}, dayLines(title, series, unit, { zero })), legend([...series.map((s) => [s.name, s.colour]), ...hatchEntry(days(series[0].values))]), dayTable(title, series));
  return [el("div", { class: "panels" },
    one("Prices by day", about, bands, "USD"),
    one("Change against a week before", "Of products that have a price on both days, so that another assortment is no change of prices.", moved, "share", false),
    state.breakdown === "brand" ? one("Price index", "100: as dear as the same categories on the day; 120 is a fifth dearer.", index, "ratio", false)
      : panel("Price index", {}, el("p", { class: "says" }, "How dear a brand is against the same categories: choose a brand. Categories themselves are 100.")),
    panel(by === "brand" ? "By brand" : "By category", { says: "On the last day of the selection that has prices." },
      tableOf("Prices", [{ label: by }, { label: "date" }, { label: "products", unit: "count" }, { label: "mean", unit: "USD" }, { label: "median", unit: "USD" }, { label: "middle half spans", unit: "USD" }, ...(by === "brand" ? [{ label: "index", unit: "ratio" }] : []), { label: "change in a week", unit: "share", say: signed }], rows)))];
}

function carts() {
  const { ignored } = seriesOf("carts", "");
  const hours = [...Array(24).keys()].map((hour) => {
    const sum = (name) => measure("cart_hours", name, String(hour)).slice(state.from, state.to + 1).reduce((a, b) => a + (b || 0), 0);
    return [String(hour), sum("carted_count"), sum("abandoned_count")];
  });
  const hourRows = hours.map(([hour, carted, left]) => ({ x: hour, value: left, said: `${WHOLE.format(left)} of ${WHOLE.format(carted)}` }));
  const fates = [["purchased", "purchased_count", "series-3"], ["taken out again", "removed_count", "series-5"], ["abandoned", "abandoned_count", "series-2"]].map(([name, column, paint]) => ({ name, colour: paint, values: measure("carts", column, "") }));
  const rows = D.values.category.map((name, value) => dividedBy("category", value, () =>
    [name, total("carted_product_count"), total("abandoned_product_count"), total("cart_abandonment_rate"), total("abandoned_usd")],
  )).filter((row) => row[1]).sort((a, b) => b[4] - a[4]);
  return [el("ul", { class: "tiles", "aria-label": "Carts" }, ...["carted_product_count", "abandoned_product_count", "cart_abandonment_rate", "abandoned_usd"].map(tile)),
    el("div", { class: "panels" },
      panel("What became of carted products", { ignored, size: "half", says: "One product in one session: purchased by the session, or else taken out again, or else abandoned." }, el("figure", {}, dayStack("Carted products", fates, "count")), legend([...fates.map((one) => [one.name, one.colour]), ...hatchEntry(days(fates[0].values))]), dayTable("Carted products", fates)),
      panel("Abandoned by hour", { size: "half", ignored: seriesOf("cart_hours", "0").ignored, says: "By the hour (UTC) in which a product was put into the cart first." }, el("figure", {}, classBars(`Abandoned products by hour. ${busiest(hourRows.map((row) => ({ ...row, y: "all days" })))}`, hourRows, "hour, UTC")), numbersBehind("Carted products by hour", [{ label: "hour" }, { label: "carted", unit: "count" }, { label: "abandoned", unit: "count" }], hours)),
      panel("By category", { size: "" }, tableOf(`Carted products by category, ${period()}`, [{ label: "category" }, { label: "carted", unit: "count" }, { label: "abandoned", unit: "count" }, { label: "share", unit: "share" }, { label: "worth", unit: "USD", bar: true }], rows)))];
}
