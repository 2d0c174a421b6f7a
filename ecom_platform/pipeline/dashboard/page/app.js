// The page: sections, filters, theme. State is in the address, so that a view can be sent on.

const SECTIONS = [
  ["overview", "Overview", overview, null, "Key figures of the chosen days against the equally long time before."],
  ["funnel", "Funnel", funnel, "mart_funnel", "From view to cart to purchase. Sessions belong to the day of their first event, with all that they did later."],
  ["products", "Products", products, "mart_products", "What is looked at most, and what of it hardly anyone buys."],
  ["sessions", "Sessions", sessions, "mart_sessions", "How many, how long, how much happens in them."],
  ["sales", "Categories and brands", sales, "mart_sales", "What sells. Every purchase event is one unit; an order is a session that purchased on the day."],
  ["activity", "Activity", activity, "mart_activity", "When the shop is busy."],
  ["prices", "Prices", prices, "mart_prices", "What products cost, against their categories and over time."],
  ["carts", "Carts", carts, "mart_carts", "What was put into carts and left there."],
  ["users", "Users", users, null, "Who comes, who comes again. Numbers only: no user is on this page."],
  ["quality", "Data quality", quality, null, "How far all of this can be trusted. Category, brand and kind of sessions do not apply here: it is about everything that arrived."],
  ["profile", "Data profile", profile, "eda_profile_lake", "What arrived, column by column, before any rule of the platform is applied. Category, brand and kind of sessions do not apply here."],
];
let current = "overview";

function render(focus) {
  const [id, title, make, table, lede] = SECTIONS.find(([name]) => name === current);
  const heading = el("h2", { tabindex: "-1" }, title);
  const content = table && !isPublished(table) ? [missingNotice(table, title)] : make();
  document.getElementById("content").replaceChildren(heading, el("p", { class: "lede" }, lede), ...content);
  document.querySelectorAll("#nav a").forEach((link) => {
    if (link.hash === `#${id}` || link.dataset.id === id) {
      link.setAttribute("aria-current", "page");
      link.closest("ul").scrollLeft = link.offsetLeft - 24;
    } else link.removeAttribute("aria-current");
  });
  document.getElementById("selection").textContent = selectionWords();
  document.title = `${title}: shop dashboard`;
  if (focus) heading.focus();
  return drawAll();
}

function selectionWords() {
  const length = state.to - state.from + 1;
  const incomplete = Object.keys(D.incomplete).filter((date) => date >= D.dates[state.from] && date <= D.dates[state.to]);
  const what = { category: "category", category_level_1: "main category", brand: "brand" }[state.breakdown];
  return [
    `${period()} (${length} ${length === 1 ? "day" : "days"})`, what ? `${what} ${valueName()}` : "all categories and brands",
    state.traffic === "all" ? "all sessions" : "without crawler-like sessions",
    incomplete.length ? `${incomplete.length} incomplete: ${incomplete.slice(0, 3).join(", ")}${incomplete.length > 3 ? " …" : ""}` : "",
  ].filter(Boolean).join(" · ");
}

function fillFilters() {
  const option = (value, label) => el("option", { value }, label);
  const group = (label, by) => el("optgroup", { label }, ...D.values[by].map((name, at) => option(`${by}|${at}`, name)));
  document.getElementById("category").replaceChildren(option("all|-1", "all categories"), group("Main categories", "category_level_1"), group("Categories", "category"));
  document.getElementById("brand").replaceChildren(option("all|-1", "all brands"), ...D.values.brand.map((name, at) => option(`brand|${at}`, name)));
  for (const id of ["from", "to"]) {
    const input = document.getElementById(id);
    [input.min, input.max] = [D.dates[0], D.dates[D.dates.length - 1]];
  }
  const presets = [[7, "7 days"], [28, "28 days"], [91, "91 days"], [D.dates.length, "All"]].filter(([length], at, all) => at === all.length - 1 || length < D.dates.length);
  document.getElementById("presets").replaceChildren(...presets.map(([length, label]) => {
    const button = el("button", { type: "button", "data-length": length }, label);
    button.addEventListener("click", () => select({ from: Math.max(0, D.last_complete + 1 - length), to: length === D.dates.length ? D.dates.length - 1 : D.last_complete, ...(length === D.dates.length ? { from: 0 } : {}) }));
    return button;
  }));
}

function showFilters() {
  document.getElementById("from").value = D.dates[state.from];
  document.getElementById("to").value = D.dates[state.to];
  const chosen = `${state.breakdown}|${state.value}`;
  document.getElementById("category").value = state.breakdown.startsWith("category") ? chosen : "all|-1";
  document.getElementById("brand").value = state.breakdown === "brand" ? chosen : "all|-1";
  document.getElementById("traffic").value = state.traffic;
  document.querySelectorAll("#presets button").forEach((button) => {
    const length = Number(button.dataset.length);
    const same = state.to - state.from + 1 === length && (length === D.dates.length || state.to === D.last_complete);
    button.setAttribute("aria-pressed", String(same));
  });
}

/** Change the selection. A category and a brand exclude each other: nothing is published of both. */
function select(changes) {
  Object.assign(state, changes);
  if (state.from > state.to) [state.from, state.to] = [state.to, state.from];
  showFilters();
  remember();
  return render();
}

function remember() {
  const words = new URLSearchParams({ from: D.dates[state.from], to: D.dates[state.to] });
  if (state.breakdown !== ALL) words.set(state.breakdown, valueName());
  if (state.traffic !== ALL) words.set("sessions", state.traffic);
  history.replaceState(null, "", `#${current}?${words}`);
}

/** Read the selection from the address; what it names wrongly is left as it is. */
function recall() {
  const [id, query] = location.hash.slice(1).split("?");
  if (SECTIONS.some(([name]) => name === id)) current = id;
  const words = new URLSearchParams(query || "");
  for (const end of ["from", "to"]) {
    const day = D.dates.indexOf(words.get(end) || "");
    if (day >= 0) state[end] = day;
  }
  if (state.from > state.to) [state.from, state.to] = [state.to, state.from];
  for (const by of Object.keys(D.values)) {
    const value = D.values[by].indexOf(words.get(by) ?? "");
    if (words.has(by) && value >= 0) Object.assign(state, { breakdown: by, value });
  }
  if (words.get("sessions") === "human") state.traffic = "human";
}

function firstSelection() {
  const last = D.last_complete;
  const length = last + 1 >= 56 ? 28 : last + 1 >= 14 ? 7 : D.dates.length;
  Object.assign(state, { from: Math.max(0, last + 1 - length), to: length === D.dates.length ? D.dates.length - 1 : last, breakdown: ALL, value: -1, traffic: ALL });
}

function listen() {
  const dayOf = (id) => D.dates.indexOf(document.getElementById(id).value);
  for (const id of ["from", "to"]) {
    document.getElementById(id).addEventListener("change", () => { if (dayOf(id) >= 0) select({ [id]: dayOf(id) }); else showFilters(); });
  }
  for (const id of ["category", "brand"]) {
    document.getElementById(id).addEventListener("change", (event) => {
      const [breakdown, value] = event.target.value.split("|");
      select({ breakdown, value: Number(value) });
    });
  }
  document.getElementById("traffic").addEventListener("change", (event) => select({ traffic: event.target.value }));
  document.getElementById("filters").addEventListener("reset", (event) => { event.preventDefault(); firstSelection(); select({}); });
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => { recall(); showFilters(); render(true); });
  let width = window.innerWidth;
  window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; clearTimeout(listen.timer); listen.timer = setTimeout(() => render(), 200); } });
}

function setUpTheme() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let chosen = null;
  try { chosen = localStorage.getItem("ecom-dashboard-theme"); } catch { /* a file may have no storage */ }
  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    button.textContent = dark ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${dark ? "light" : "dark"} colours`);
  };
  system.addEventListener("change", () => { apply(); render(); });
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("ecom-dashboard-theme", chosen); } catch { /* the choice lasts as long as the page */ }
    apply();
    render();
  });
  apply();
}

function start() {
  setUpTheme();
  document.getElementById("subtitle").textContent = D.dates.length
    ? `Events of ${D.dates[0]} to ${D.dates[D.dates.length - 1]} (UTC). Written ${D.written_at}.` : `Written ${D.written_at}.`;
  document.getElementById("footer").textContent = `${D.bounds} Metrics are defined once, for this page, the saved queries and the documentation alike.`;
  if (!D.dates.length) {
    document.getElementById("filters").hidden = true;
    document.getElementById("content").replaceChildren(el("p", { class: "notice" }, "Nothing is published in this lake yet: ", el("code", {}, "ecom run"), " reads what lies in landing."));
    return;
  }
  document.getElementById("nav").replaceChildren(...SECTIONS.map(([id, title]) => el("li", {}, el("a", { href: `#${id}`, "data-id": id }, title))));
  document.querySelectorAll("#nav a").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    current = link.dataset.id;
    remember();
    render(true);
    window.scrollTo(0, 0);
  }));
  fillFilters();
  firstSelection();
  recall();
  showFilters();
  listen();
  render();
}

start();
