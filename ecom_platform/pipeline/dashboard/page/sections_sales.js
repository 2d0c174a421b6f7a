// The section about sales: leaders of the chosen days and of a day, with the places they gained.

const LEADERS = 15, LISTED = 25, DRAWN_PLACES = 10;

function sales() {
  const leaders = [["brand", "Brands"], ["category", "Categories"]];
  return [el("div", { class: "panels" }, metricPanel("revenue_usd"), metricPanel("average_order_value_usd"),
    ...leaders.flatMap(([by, title]) => [placesPanel(by, title), leadersPanel(by, title)]),
    ...[...leaders, ["category_level_1", "Main categories"], ["source_channel", "Channels"], ["device_type", "Devices"]].map(([by, title]) => salesTable(by, title)))];
}
const unfiltered = () => (state.breakdown === ALL ? null : "Places are among all: not filtered by category or brand");

/** Places as the mart ranks them, day by day, of those that lead on the last complete day. */
function placesPanel(by, title) {
  const of = (name) => (value) => dividedBy(by, value, () => measure("sales", name, ""));
  const places = D.values[by].map((_, value) => of("revenue_rank")(value));
  const day = lastKnown(dividedBy(ALL, -1, () => measure("sales", "revenue_usd", "")));
  const first = day === null ? [] : D.values[by].map((_, value) => value).filter((value) => places[value][day] !== null).sort((a, b) => places[a][day] - places[b][day]);
  const chosen = state.breakdown === by && !first.slice(0, COLOURS.length).includes(state.value) ? [state.value] : [];
  const shown = [...chosen, ...first].slice(0, COLOURS.length);
  const series = shown.map((value, at) => ({ name: D.values[by][value], colour: COLOURS[at], values: places[value], unit: "place" }));
  if (!series.length) return panel(`${title}: place by day`, { size: "half" }, el("p", { class: "says" }, "Nothing was sold on a complete day of the selection."));
  const whole = chosen.length ? null : unfiltered();
  return panel(`${title}: place by day`, { size: "half", whole, says: `By revenue of the day, among all; drawn are the first ${DRAWN_PLACES} places of those that lead on ${D.dates[day]}.` },
    el("figure", {}, placeLines(`${title}: place`, series, lastDrawn(series))), legend([...series.map((one) => [one.name, one.colour]), ...hatchEntry(days(series[0].values))]), dayTable(`${title}: place`, series));
}

/** The last place that is drawn: of those there are, and so that few lines do not fill a chart. */
function lastDrawn(series) {
  const found = series.flatMap((one) => one.values.slice(state.from, state.to + 1)).filter((place) => place !== null);
  return Math.max(5, Math.min(DRAWN_PLACES, Math.max(...found, 1)));
}

/** The mart's own ranking of one day, with the places gained in a week. */
function leadersPanel(by, title) {
  const all = (name) => dividedBy(ALL, -1, () => measure("sales", name, ""));
  const day = lastKnown(all("revenue_usd"));
  if (day === null) return panel(`${title}: leaders of a day`, { size: "half" }, el("p", { class: "says" }, "No complete day of the selection has sales."));
  const before = weekBefore(day);
  const rows = D.values[by].map((name, value) => dividedBy(by, value, () => {
    const at = (column) => measure("sales", column, "")[day];
    const [place, moved, revenue, orders] = ["revenue_rank", "rank_change", "revenue_usd", "order_count"].map(at);
    return [name, place, before === null ? null : moved, revenue, at("unit_count"), at("buyer_count"), orders ? revenue / orders : null];
  })).filter((row) => row[1] !== null).sort((a, b) => a[1] - b[1]).slice(0, LEADERS);
  const note = before === null ? "No places gained or lost: the day a week before is incomplete or not on this page." : `Places gained or lost since ${D.dates[before]}; – where nothing was sold then.`;
  return panel(`${title} on ${D.dates[day]}`, { size: "half", whole: unfiltered(), note },
    tableOf(`${title} on ${D.dates[day]}`, [{ label: NAMES[by] }, { label: "rank", unit: "count" }, { label: "in a week", unit: "count", say: moved }, { label: "revenue", unit: "USD", bar: true }, { label: "units", unit: "count" }, { label: "buyers", unit: "count" }, { label: "per order", unit: "USD" }], rows));
}
const moved = (places) => (places === null ? "–" : places === 0 ? "±0" : places > 0 ? `▲ ${places}` : `▼ ${-places}`);

/** Values by revenue. Only places that hold, whatever was left out of the page, are shown. */
function salesTable(by, title) {
  const length = state.to - state.from + 1;
  const whole = dividedBy(ALL, -1, () => total("revenue_usd"));
  const rows = D.values[by].map((name, value) => dividedBy(by, value, () => ({
    name, told: change("revenue_usd"), revenue: total("revenue_usd") || 0, units: total("unit_count"), orders: total("order_count"),
    each: total("average_order_value_usd"), before: over("revenue_usd", Math.max(0, state.from - length), Math.max(0, state.from - 1)) || 0,
  })));
  const sure = placed(rows, by, "revenue", state.from, state.to).slice(0, LISTED);
  const reason = rows.length ? rows[0].told.reason : "";
  const placesBefore = new Map(reason ? [] : placed(rows, by, "before", state.from - length, state.from - 1).map((row, at) => [row.name, at + 1]));
  const rest = whole === null ? 0 : whole - sure.reduce((sum, row) => sum + row.revenue, 0);
  const chosen = state.breakdown === by ? valueName() : null;
  const body = sure.map((row, at) => [chosen === row.name ? el("strong", {}, row.name) : row.name, at + 1, placesBefore.has(row.name) ? placesBefore.get(row.name) - at - 1 : null, row.revenue, whole ? row.revenue / whole : null, row.told.reason ? null : row.told.share, row.units, row.orders, row.each]);
  if (rest > 0.005) body.push(Object.assign(["all others together", null, null, rest, whole ? rest / whole : null, null, null, null, null], { rest: true }));
  const against = reason ? `No change is shown: ${reason}.` : `Changes are against the ${length} days before; – where the place then is not certain.`;
  return panel(title, { whole: unfiltered(), note: `By revenue in the chosen dates. ${against} Orders of several values do not add up: one order may hold several.` },
    tableOf(`${title} by revenue, ${period()}`, [{ label: title.toLowerCase() }, { label: "rank", unit: "count" }, { label: "rank change", unit: "count", say: moved }, { label: "revenue", unit: "USD", bar: true }, { label: "share", unit: "share" }, { label: "change", unit: "share", say: signed }, { label: "units", unit: "count" }, { label: "orders", unit: "count" }, { label: "per order", unit: "USD" }], body));
}

/** The rows whose places hold: they sold more than all that is not on the page could have. */
function placed(rows, by, column, first, last) {
  const bound = D.left_out[by].slice(first, last + 1).reduce((sum, value) => sum + value, 0);
  return rows.filter((row) => row[column] > bound).sort((a, b) => b[column] - a[column] || (a.name < b.name ? -1 : 1));
}
