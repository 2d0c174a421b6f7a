// The section about what arrived: eda_profile by day, and eda_profile_lake for all of it.

const SCOPES = { all: "all rows", sample: "sample of users" };

function profile() {
  const p = D.profile, all = p.scopes.all;
  const whole = `Not filtered: as of ${p.as_of}`;
  const share = (part, of) => (of ? part / of : null);
  const bars = (title, rows, xTitle) => panel(title, { size: "half", whole }, el("figure", {}, classBars(`${title}. ${most(rows)}`, rows.map((row) => ({ x: row.item, value: row.counted, said: WHOLE.format(row.counted) })), xTitle)),
    numbersBehind(title, [{ label: xTitle }, { label: "rows", unit: "count" }, { label: "share", unit: "share" }], rows.map((row) => [row.item, row.counted, share(row.counted, all.row_count)])));
  return [el("div", { class: "panels" },
    panel("Columns as delivered", { whole, says: `${WHOLE.format(all.row_count)} rows arrived, ${WHOLE.format(all.duplicate_count)} of them (${percent(share(all.duplicate_count, all.row_count) || 0)}) repeat another one in all columns.` },
      tableOf("Columns", [{ label: "column" }, { label: "null", unit: "count" }, { label: "share null", unit: "share" }, { label: "different values", unit: "count" }, { label: "once only", unit: "count" }, { label: "share of the most frequent", unit: "share" }],
        all.columns.map((row) => [row.column_name, row.null_count, share(row.null_count, all.row_count), row.distinct_count, row.single_count, share(row.most_frequent_count, all.row_count)]))),
    ...profileByDay(),
    bars("Rows by event type", all.event_types, "event type"), bars("Rows by hour of the day", all.hours, "hour, UTC"),
    bars("Rows by price", all.histogram, "USD"),
    panel("Prices of the rows", { size: "half", whole, says: "A percentile is the smallest price that at least so many percent of the rows do not exceed." }, tableOf("Prices", [{ label: "statistic" }, { label: "price", unit: "USD" }], Object.entries(all.prices))),
    panel("Most frequent values", { whole, says: "Values of users and sessions are never on this page." },
      tableOf("Most frequent values", [{ label: "column" }, { label: "value" }, { label: "rows", unit: "count" }, { label: "share", unit: "share" }], all.frequent.map((row) => [row.column_name, row.item, row.counted, share(row.counted, all.row_count)]))),
    samplePanel(p, whole))];
}

const most = (rows) => (rows.length ? `Most: ${rows.reduce((a, b) => (b.counted > a.counted ? b : a)).item}.` : "");

function profileByDay() {
  if (!D.cubes.profile) return [missingNotice("eda_profile", "The profile by day")];
  const lines = (title, says, series, unit, options) => panel(title, { size: "half", says }, el("figure", {}, dayLines(title, series, unit, options)), legend([...series.map((one) => [one.name, one.colour]), ...hatchEntry(days(series[0].values))]), dayTable(title, series));
  const of = (column, name) => measureWhole("profile", name, column);
  const rows = of("row", "row_count"), repeated = of("row", "duplicate_count");
  const fates = [{ name: "first copies", colour: "series-1", values: rows.map((value, day) => (value === null ? null : value - repeated[day])) }, { name: "repetitions", colour: "series-2", values: repeated }];
  const gaps = D.profile.scopes.all.columns.filter((row) => row.null_count).sort((a, b) => b.null_count - a.null_count).slice(0, COLOURS.length)
    .map(({ column_name: name }, at) => ({ name, colour: COLOURS[at], unit: "share", values: of(name, "null_count").map((value, day) => (value === null || !rows[day] ? null : value / rows[day])) }));
  const different = [["users", "user_id"], ["sessions", "user_session"], ["products", "product_id"]].map(([name, column], at) => ({ name, colour: COLOURS[at], values: of(column, "distinct_count") }));
  const amounts = [["three quarters", "p75", "series-2"], ["mean", "mean", "series-4"], ["median", "p50", "series-1"], ["a quarter", "p25", "series-3"]].map(([name, column, paint]) => ({ name, colour: paint, unit: "USD", values: of("price", column) }));
  return [
    panel("Rows by day", { size: "half", says: "As delivered: repetitions and rows that are rejected later are among them." }, el("figure", {}, dayStack("Rows", fates, "count")), legend([...fates.map((one) => [one.name, one.colour]), ...hatchEntry(days(rows))]), dayTable("Rows", fates)),
    ...(gaps.length ? [lines("Gaps by day", "Share of the rows without a value.", gaps, "share")] : [panel("Gaps by day", { size: "half" }, el("p", { class: "says" }, "No column has a row without a value."))]),
    lines("Different values by day", "Exact for each day; they do not add up over days.", different, "count"),
    lines("Prices by day", "Of the rows of the day, each row once.", amounts, "USD"),
  ];
}

/** The sample beside all rows: what it keeps, and that it does. */
function samplePanel(p, whole) {
  const scopes = Object.entries(p.scopes);
  if (scopes.length < 2) return panel("Sample of users", {}, el("p", { class: "says" }, "None is taken: all figures are of all rows. ", el("code", {}, "ECOM_PROFILE_SAMPLE_PERCENT"), " adds one, by the hash of the user, beside them."));
  const line = (label, unit, of) => [label, ...scopes.map(([, one]) => (unit === "share" ? say(of(one), "share") : exact(of(one), unit)))];
  const rows = [line("rows", "count", (one) => one.row_count), line("repetitions", "share", (one) => one.duplicate_count / one.row_count),
    ...p.scopes.all.columns.map(({ column_name: name }, at) => line(`${name}: null`, "share", (one) => one.columns[at].null_count / one.row_count)),
    ...p.scopes.all.columns.map(({ column_name: name }, at) => line(`${name}: different`, "count", (one) => one.columns[at].distinct_count)),
    ...["mean", "p50", "p95"].map((name) => line(`price: ${name}`, "USD", (one) => one.prices[name]))];
  return panel("Sample of users", { whole, says: "Of a user all rows or none, chosen by the hash of user_id." }, tableOf("All rows and the sample", [{ label: "figure" }, ...scopes.map(([name]) => ({ label: SCOPES[name] }))], rows));
}
