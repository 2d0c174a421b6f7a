// The section about the funnel: sessions beside their products, in order beside in any order.

const UNITS = [["Sessions", "session", ""], ["Products of sessions", "product_session", "product_session_"]];
const ORDERS = [["in order", "strict", "then"], ["in any order", "loose", "also"]];
const STEP_RATES = [["view to cart", "view_to_cart_rate"], ["cart to purchase", "cart_to_purchase_rate"], ["view to purchase", "view_to_purchase_rate"]];

function funnel() {
  const steps = ORDERS.flatMap(([order, how, word]) => UNITS.map(([things, unit]) => stepsPanel(`${things}, ${order}`,
    [["viewed", `viewing_${unit}_count`], [`${word} put into the cart`, `${how}_cart_${unit}_count`], [`${word} purchased`, `${how}_purchase_${unit}_count`]],
    how === "strict" ? "A step counts only when it comes at or after the one before it." : "A step counts wherever it stands in the session.")));
  return [el("div", { class: "panels" }, ...steps, ratesPanel(), ...UNITS.map(ratesByDay),
    funnelTable(state.breakdown === "brand" ? "brand" : state.breakdown === "category" ? "category" : "category_level_1"),
    funnelTable("source_channel"), funnelTable("device_type"))];
}

function stepsPanel(title, names, says) {
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
}

/** All rates of the chosen days, side by side. */
function ratesPanel() {
  const rows = UNITS.flatMap(([things, unit, prefix]) => ORDERS.map(([order, how]) =>
    [`${things}, ${order}`, total(`${unit}_count`), ...STEP_RATES.map(([, rate]) => total(`${prefix}${how}_${rate}`)), total(`${prefix}conversion_rate`)]));
  return panel("Rates", { ignored: ignoredBy("conversion_rate"), says: "A product of a session is one product that the session touched, however often. Conversion counts every purchase, also without a view or a cart event: about a third of the purchases have no cart event." },
    tableOf(`Rates, ${period()}`, [{ label: "counted" }, { label: "all", unit: "count" }, ...STEP_RATES.map(([label]) => ({ label, unit: "share" })), { label: "conversion", unit: "share" }], rows));
}

function ratesByDay([things, , prefix]) {
  const line = (label, rate, colour) => ({ name: label, values: daily(prefix + rate), colour, unit: "share" });
  const drawn = [line("view to cart", "strict_view_to_cart_rate", "series-1"), line("cart to purchase", "strict_cart_to_purchase_rate", "series-2"), line("conversion", "conversion_rate", "series-3")];
  const loose = STEP_RATES.map(([label, rate]) => line(`${label}, any order`, `loose_${rate}`, ""));
  const title = `Rates by day: ${things.toLowerCase()}`;
  return panel(title, { size: "half", ignored: ignoredBy("conversion_rate"), says: "In order. Each day's sums; sessions belong to the day of their first event." },
    el("figure", {}, dayLines(title, drawn, "share")), legend([...drawn.map((one) => [one.name, one.colour]), ...hatchEntry(days(drawn[0].values))]), dayTable(title, [...drawn, ...loose]));
}

const NAMES = { brand: "brand", category: "category", category_level_1: "main category", device_type: "device", source_channel: "channel" };
const isOfSessions = (by) => by === "device_type" || by === "source_channel";

/** The rates of every category, brand, device or channel that the page holds. */
function funnelTable(by) {
  const columns = [["with a purchase", "purchasing_session_count", "count"], ["conversion", "conversion_rate", "share"],
    ["view to cart", "strict_view_to_cart_rate", "share"], ["cart to purchase", "strict_cart_to_purchase_rate", "share"],
    ["view to cart, any order", "loose_view_to_cart_rate", "share"], ["cart to purchase, any order", "loose_cart_to_purchase_rate", "share"],
    ["conversion of products", "product_session_conversion_rate", "share"]];
  const rows = D.values[by].map((name, value) => dividedBy(by, value, () =>
    [name, total("session_count"), ...columns.map(([, metric]) => total(metric))])).filter((row) => row[1]).sort((a, b) => b[1] - a[1]);
  return panel(`By ${NAMES[by]}`, { ignored: isOfSessions(by) ? ignoredBeside() : [], says: isOfSessions(by) ? "" : "A row looks at the events with its value alone: rows do not add up.", note: aboutValues(by, rows) },
    tableOf(`Conversion by ${NAMES[by]}, ${period()}`, [{ label: NAMES[by] }, { label: "sessions", unit: "count", bar: true }, ...columns.map(([label, , unit]) => ({ label, unit }))], rows));
}

/** Which values a table has, and why there may be no other than `unknown`. */
function aboutValues(by, rows) {
  if (isOfSessions(by) && rows.length && rows.every((row) => row[0] === "unknown")) return "Files of events do not tell devices and channels; sessions of the shop's own database do.";
  const left = D.left_out_count[by];
  const which = isOfSessions(by) ? "most sessions" : "the highest sales";
  return left ? `The ${D.values[by].length} with ${which} of all days; ${left} more are not on this page.` : "";
}
