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

function funnel() {
  const steps = (title, names, says) => {
    const counts = names.map(([, metric]) => total(metric));
    const items = names.map(([label], at) => {
      const share = counts[0] ? counts[at] / counts[0] : null;
      const step = at && counts[at - 1] ? counts[at] / counts[at - 1] : null;
      return el("li", { "data-count": String(counts[at]) },
        el("div", { class: "line" }, el("span", {}, label), el("strong", {}, exact(counts[at], "count"))),
        el("div", { class: "track", "aria-hidden": "true" }, el("div", { class: "fill", style: `width:${share === null ? 0 : 100 * share}%` })),
        at ? el("p", { class: "then" }, `${say(step, "share")} of the step before, ${say(share, "share")} of all that viewed`) : null);
    });
    return panel(title, { size: "half", ignored: ignoredBy(names[0][1]), says }, el("ol", { class: "steps" }, ...items));
  };
  const rate = (name, label, paint) => ({ name: label, values: daily(name), colour: paint, unit: "share" });
  const rates = [rate("strict_view_to_cart_rate", "view to cart", "series-1"), rate("strict_cart_to_purchase_rate", "cart to purchase", "series-2"), rate("conversion_rate", "any session to purchase", "series-3")];
  const panels = [
    steps("Sessions, in order", [["viewed", "viewing_session_count"], ["then put into the cart", "strict_cart_session_count"], ["then purchased", "strict_purchase_session_count"]],
      "A step counts only when it comes at or after the one before it."),
    steps("Sessions, in any order", [["viewed", "viewing_session_count"], ["also put into the cart", "loose_cart_session_count"], ["also purchased", "loose_purchase_session_count"]],
      "A step counts wherever it stands in the session."),
    panel("Rates by day", { ignored: ignoredBy("conversion_rate"), says: "Each day's sums; sessions belong to the day of their first event." },
      el("figure", {}, dayLines("Rates", rates, "share")), legend([...rates.map((one) => [one.name, one.colour]), ...hatchEntry(days(rates[0].values))]), dayTable("Rates", rates)),
    funnelTable(),
  ];
  return [el("div", { class: "panels" }, ...panels)];
}

/** The rates of every category or brand that the page holds. */
function funnelTable() {
  const by = state.breakdown === "brand" ? "brand" : state.breakdown === "category" ? "category" : "category_level_1";
  const kept = { breakdown: state.breakdown, value: state.value };
  const rows = D.values[by].map((name, value) => {
    Object.assign(state, { breakdown: by, value });
    const row = [name, total("session_count"), total("purchasing_session_count"), total("conversion_rate"), total("strict_view_to_cart_rate"), total("strict_cart_to_purchase_rate")];
    Object.assign(state, kept);
    return row;
  }).filter((row) => row[1]).sort((a, b) => b[1] - a[1]);
  const label = { brand: "brand", category: "category", category_level_1: "main category" }[by];
  return panel(`By ${label}`, { says: "A row looks at the events with its value alone: rows do not add up.", note: `The ${D.values[by].length} with the highest sales of all days${D.left_out_count[by] ? `; ${D.left_out_count[by]} more are not on this page` : ""}.` },
    tableOf(`Conversion by ${label}, ${period()}`, [{ label }, { label: "sessions", unit: "count", bar: true }, { label: "with a purchase", unit: "count" }, { label: "conversion", unit: "share" }, { label: "view to cart", unit: "share" }, { label: "cart to purchase", unit: "share" }], rows));
}

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

function sessions() {
  const row = (label, part) => {
    const at = (name) => sumOver(measure("sessions", name, part), state.from, state.to);
    const [count, events, bounces, length] = ["session_count", "event_count", "bounce_count", "duration_seconds"].map(at);
    return [label, count, count ? events / count : null, count ? bounces / count : null, count ? length / count : null];
  };
  const given = row("by the given session id", "given"), silence = row("cut at 30 minutes of silence", "silence");
  const difference = given[1] ? silence[1] / given[1] - 1 : null;
  const { ignored } = seriesOf("sessions", "given");
  const lengths = [["median", "median_session_seconds", "series-1"], ["95 % do not exceed", "p95_session_seconds", "series-2"]].map(([name, metric, paint]) => ({ name, values: daily(metric), colour: paint, unit: "seconds" }));
  const cut = lengths.map((one, at) => ({ ...one, values: measure("sessions", at ? "p95_seconds" : "median_seconds", "silence") }));
  return [el("div", { class: "panels" },
    panel("Two ways to cut", { ignored, says: difference === null ? "" : `Cut at 30 minutes of silence there are ${percent(difference)} more sessions than ids.` },
      tableOf(`Sessions, ${period()}`, [{ label: "sessions" }, { label: "number", unit: "count" }, { label: "events each", unit: "ratio" }, { label: "with a single event", unit: "share" }, { label: "mean duration", unit: "seconds" }], [given, silence])),
    metricPanel("bounce_rate"), metricPanel("events_per_session"),
    panel("Duration by day, as given", { size: "half", ignored, says: "Exact for each day; percentiles of several days cannot be added up, so there is no figure for the period." },
      el("figure", {}, dayLines("Duration of given sessions", lengths, "seconds")), legend([...lengths.map((one) => [one.name, one.colour]), ...hatchEntry(days(lengths[0].values))]), dayTable("Duration", lengths)),
    panel("Duration by day, cut at silence", { size: "half", ignored, says: "The same sessions, cut wherever more than 30 minutes pass without an event." },
      el("figure", {}, dayLines("Duration of sessions cut at silence", cut, "seconds")), legend([...cut.map((one) => [one.name, one.colour]), ...hatchEntry(days(cut[0].values))]), dayTable("Duration, cut at silence", cut)))];
}

function sales() {
  const tables = [["category", "Categories"], ["brand", "Brands"], ["category_level_1", "Main categories"]].map(([by, title]) => salesTable(by, title));
  return [el("div", { class: "panels" }, metricPanel("revenue_usd"), metricPanel("average_order_value_usd"), ...tables)];
}

/** Values by revenue. Only places that hold, whatever was left out of the page, are shown. */
function salesTable(by, title) {
  const kept = { breakdown: state.breakdown, value: state.value };
  Object.assign(state, { breakdown: "all", value: -1 });
  const whole = total("revenue_usd");
  const rows = D.values[by].map((name, value) => {
    Object.assign(state, { breakdown: by, value });
    const told = change("revenue_usd");
    return { name, revenue: total("revenue_usd") || 0, units: total("unit_count"), orders: total("order_count"), each: total("average_order_value_usd"), told };
  });
  Object.assign(state, kept);
  const bound = D.left_out[by].slice(state.from, state.to + 1).reduce((sum, value) => sum + value, 0);
  const sure = rows.filter((row) => row.revenue > 0 && row.revenue >= bound).sort((a, b) => b.revenue - a.revenue).slice(0, 25);
  const rest = whole === null ? 0 : whole - sure.reduce((sum, row) => sum + row.revenue, 0);
  const chosen = kept.breakdown === by ? D.values[by][kept.value] : null;
  const body = sure.map((row, at) => [chosen === row.name ? el("strong", {}, row.name) : row.name, at + 1, row.revenue, whole ? row.revenue / whole : null, row.told.reason ? null : row.told.share, row.units, row.orders, row.each]);
  if (rest > 0.005) body.push(Object.assign(["all others together", null, rest, whole ? rest / whole : null, null, null, null, null], { rest: true }));
  const reason = rows.length ? rows[0].told.reason : "";
  return panel(title, { size: "", whole: kept.breakdown !== "all" ? "Ranks are among all: not filtered by category or brand" : null,
    note: `Ranked by revenue in the chosen dates.${reason ? ` No change is shown: ${reason}.` : ""} Orders of several values do not add up: one order may hold several.` },
    tableOf(`${title} by revenue, ${period()}`, [{ label: title.toLowerCase() }, { label: "rank", unit: "count" }, { label: "revenue", unit: "USD", bar: true }, { label: "share", unit: "share" }, { label: "change", unit: "share", say: signed }, { label: "units", unit: "count" }, { label: "orders", unit: "count" }, { label: "per order", unit: "USD" }], body));
}
const signed = (value) => (value === null ? "–" : `${value >= 0 ? "+" : "−"}${percent(Math.abs(value))}`);

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
  return [el("div", { class: "panels" }, mapOf("view", "Views"), mapOf("purchase", "Purchases"),
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
  const kept = { breakdown: state.breakdown, value: state.value };
  const by = state.breakdown === "brand" ? "brand" : "category";
  const rows = D.values[by].map((name, value) => {
    Object.assign(state, { breakdown: by, value });
    const found = last("median_usd");
    const day = found ? D.dates.indexOf(found[0]) : -1;
    const at = (measureName) => (found ? measure("prices", measureName, "")[day] : null);
    const row = [name, found ? found[0] : null, at("product_count"), at("mean_usd"), at("median_usd"), at("spread_usd"), at("price_index"), at("price_change")];
    Object.assign(state, kept);
    return row;
  }).filter((row) => row[1]);
  const about = "Prices of the products that were looked at on the day, each product once.";
  const one = (title, says, series, unit, zero) => panel(title, { ignored, size: "half", says }, el("figure", {}, dayLines(title, series, unit, zero)), legend([...series.map((s) => [s.name, s.colour]), ...hatchEntry(days(series[0].values))]), dayTable(title, series));
  return [el("div", { class: "panels" },
    one("Prices by day", about, bands, "USD"),
    one("Change against a week before", "Of products that have a price on both days, so that another assortment is no change of prices.", moved, "share", false),
    state.breakdown === "brand" ? one("Price index", "100: as dear as the same categories on the day; 120 is a fifth dearer.", index, "ratio", false)
      : panel("Price index", {}, el("p", { class: "says" }, "How dear a brand is against the same categories: choose a brand. Categories themselves are 100.")),
    panel(by === "brand" ? "By brand" : "By category", { says: "On the last day of the selection that has prices." },
      tableOf("Prices", [{ label: by }, { label: "date" }, { label: "products", unit: "count" }, { label: "mean", unit: "USD" }, { label: "median", unit: "USD" }, { label: "middle half spans", unit: "USD" }, { label: "index", unit: "ratio" }, { label: "change in a week", unit: "share", say: signed }], rows)))];
}

function carts() {
  const { ignored } = seriesOf("carts", "");
  const hours = [...Array(24).keys()].map((hour) => {
    const sum = (name) => measure("cart_hours", name, String(hour)).slice(state.from, state.to + 1).reduce((a, b) => a + (b || 0), 0);
    return [String(hour), sum("carted_count"), sum("abandoned_count")];
  });
  const hourRows = hours.map(([hour, carted, left]) => ({ x: hour, value: left, said: `${WHOLE.format(left)} of ${WHOLE.format(carted)}` }));
  const fates = [["purchased", "purchased_count", "series-3"], ["taken out again", "removed_count", "series-5"], ["abandoned", "abandoned_count", "series-2"]].map(([name, column, paint]) => ({ name, colour: paint, values: measure("carts", column, "") }));
  const kept = { breakdown: state.breakdown, value: state.value };
  const rows = D.values.category.map((name, value) => {
    Object.assign(state, { breakdown: "category", value });
    const row = [name, total("carted_product_count"), total("abandoned_product_count"), total("cart_abandonment_rate"), total("abandoned_usd")];
    Object.assign(state, kept);
    return row;
  }).filter((row) => row[1]).sort((a, b) => b[4] - a[4]);
  return [el("ul", { class: "tiles", "aria-label": "Carts" }, ...["carted_product_count", "abandoned_product_count", "cart_abandonment_rate", "abandoned_usd"].map(tile)),
    el("div", { class: "panels" },
      panel("What became of carted products", { ignored, size: "half", says: "One product in one session: purchased by the session, or else taken out again, or else abandoned." }, el("figure", {}, dayStack("Carted products", fates, "count")), legend([...fates.map((one) => [one.name, one.colour]), ...hatchEntry(days(fates[0].values))]), dayTable("Carted products", fates)),
      panel("Abandoned by hour", { size: "half", ignored: seriesOf("cart_hours", "0").ignored, says: "By the hour (UTC) in which a product was put into the cart first." }, el("figure", {}, classBars(`Abandoned products by hour. ${busiest(hourRows.map((row) => ({ ...row, y: "all days" })))}`, hourRows, "hour, UTC")), numbersBehind("Carted products by hour", [{ label: "hour" }, { label: "carted", unit: "count" }, { label: "abandoned", unit: "count" }], hours)),
      panel("By category", { size: "" }, tableOf(`Carted products by category, ${period()}`, [{ label: "category" }, { label: "carted", unit: "count" }, { label: "abandoned", unit: "count" }, { label: "share", unit: "share" }, { label: "worth", unit: "USD", bar: true }], rows)))];
}
