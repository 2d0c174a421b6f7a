// Parts of the page: elements, tables, tiles and panels. All text is set as text, never as HTML.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A text that may be broken after the dots of a category. */
const breakable = (text) => String(text).split(/(?<=[._])/).flatMap((part, at) => (at ? [el("wbr"), part] : [part]));

/**
 * A table. Columns: {label, unit, bar}; a unit makes it a number, `bar` draws its share. A row that
 * is `rest` sums up what has no row of its own, and is not drawn.
 */
function tableOf(caption, columns, rows) {
  const tops = columns.map((column, at) =>
    column.bar ? Math.max(...rows.map((row) => (row.rest ? 0 : Number(row[at]) || 0)), 0) : 0);
  const head = el("tr", {}, ...columns.map((column) =>
    el("th", { scope: "col", class: column.unit ? "number" : null }, column.label)));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell, at) => {
    const column = columns[at];
    if (cell instanceof Node) return el("td", {}, cell);
    if (!column.unit) {
      const isTime = /^\d{4}-\d\d-\d\d( \d\d:\d\d)?$/.test(cell);
      return el(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: isTime ? "time" : null }, ...breakable(cell ?? "–"));
    }
    const data = el("td", { class: "number" }, column.say ? column.say(cell) : exact(cell, column.unit));
    if (tops[at] > 0 && !row.rest) {
      data.append(el("span", { class: "bar", style: `width:${(100 * (cell || 0)) / tops[at]}%`, "aria-hidden": "true" }));
    }
    return data;
  })));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, ...body)));
}

/** The numbers behind a chart, for who cannot see it or wants them exactly. */
const numbersBehind = (caption, columns, rows) =>
  el("details", {}, el("summary", {}, "Show the numbers"), tableOf(caption, columns, rows));

const WORDS = {
  brand: "Not divided by brand: all brands are shown",
  category: "Not divided by category: all categories are shown",
  traffic: "Crawler-like sessions cannot be left out here",
};

/**
 * A card. options: size, says, ignored (filters it cannot follow), whole (words, if the dates do
 * not apply either), note.
 */
function panel(title, options, ...content) {
  const badges = (options.ignored || []).map((name) => el("span", { class: "badge warn" }, WORDS[name]));
  if (options.whole) badges.push(el("span", { class: "badge warn" }, options.whole));
  return el("section", { class: `panel ${options.size || ""}`, "aria-label": title },
    el("div", { class: "head" }, el("h3", {}, title), ...badges),
    options.says ? el("p", { class: "says" }, options.says) : null,
    ...content,
    options.note ? el("p", { class: "note" }, options.note) : null);
}

function legend(entries) {
  return el("ul", { class: "legend" }, ...entries.map(([label, colour]) =>
    el("li", {}, el("i", { class: colour === "hatch" ? "hatched" : null, style: colour === "hatch" ? null : `background:var(--${colour})` }), label)));
}

const hatchEntry = (rows) => (rows.some((row) => row.reason) ? [["incomplete day", "hatch"]] : []);

function missingNotice(table, what) {
  return el("p", { class: "notice" }, `${what} is not here yet: `, el("code", {}, table),
    " is not published in this lake. It appears when ", el("code", {}, "ecom run"), " has built it and this page is written again.");
}

function tile(name) {
  const metric = D.metrics[name];
  const value = total(name);
  const told = change(name);
  const said = el("p", { class: "change" });
  if (told.reason) {
    said.append(`No comparison: ${told.reason}`);
  } else {
    const grew = told.share >= 0;
    const good = metric.better === "none" ? null : grew === (metric.better === "more");
    const mark = told.share === 0 ? "±" : grew ? "▲ +" : "▼ −";
    said.append(el("span", { class: good === null ? null : good ? "up" : "down" }, `${mark}${metric.unit === "share" ? `${TWO.format(Math.abs(told.points))} points` : percent(Math.abs(told.share))}`),
      ` against ${say(told.before, metric.unit)} in the ${told.length} days before`);
  }
  const ignored = ignoredBy(name).map((filter) => el("span", { class: "badge warn" }, WORDS[filter]));
  return el("li", { class: "tile", "data-metric": name, "data-value": value === null ? "" : String(value), title: metric.definition },
    el("span", { class: "name" }, metric.label),
    el("span", { class: "value" }, say(value, metric.unit)), said, ...ignored, sparkline(daily(name)));
}

/** The selection as a line; incomplete days are gaps. */
function sparkline(values) {
  const shown = days(values);
  const known = shown.filter((row) => row.value !== null && !row.reason).map((row) => row.value);
  const top = Math.max(...known, 0) || 1;
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  let pen = "M";
  const points = shown.map((row, at) => {
    if (row.value === null || row.reason) { pen = "M"; return ""; }
    const x = shown.length > 1 ? (100 * at) / (shown.length - 1) : 50;
    const point = `${pen}${x.toFixed(1)} ${(28 - (26 * row.value) / top).toFixed(1)}`;
    pen = "L";
    return point;
  });
  path.setAttribute("d", points.join(" "));
  path.setAttribute("style", "fill:none;stroke:var(--series-1);stroke-width:1.6;vector-effect:non-scaling-stroke");
  svg.append(path);
  return svg;
}
