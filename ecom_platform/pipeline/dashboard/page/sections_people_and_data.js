// Sections about users and about the data themselves.

function users() {
  const series = [["new", "new_user_count", "series-1"], ["returning", "returning_user_count", "series-2"]].map(([name, column, paint]) => ({ name, colour: paint, values: measure("daily_users", column, "") }));
  const buyers = [["buyers", "buyer_count", "series-3"], ["for the first time", "new_buyer_count", "series-4"]].map(([name, column, paint]) => ({ name, colour: paint, values: measure("daily_users", column, "") }));
  const { ignored } = seriesOf("daily_users", "");
  const parts = [];
  if (D.cubes.daily_users) {
    parts.push(panel("Users by day", { size: "half", ignored, says: "New is a user on the first date that the lake knows; on its first dates all are. Users of several days do not add up; new ones do." },
      el("figure", {}, dayStack("Users", series, "count")), legend([...series.map((one) => [one.name, one.colour]), ...hatchEntry(days(series[0].values))]), dayTable("Users", series)));
    parts.push(panel("Buyers by day", { size: "half", ignored }, el("figure", {}, dayLines("Buyers", buyers, "count")), legend([...buyers.map((one) => [one.name, one.colour]), ...hatchEntry(days(buyers[0].values))]), dayTable("Buyers", buyers)));
  } else parts.push(missingNotice("mart_daily_users", "New and returning users"));
  parts.push(isPublished("mart_cohorts") ? cohortPanel() : missingNotice("mart_cohorts", "Retention"));
  if (isPublished("mart_users")) parts.push(...userPanels());
  else parts.push(missingNotice("mart_users", "Recency, frequency and value"));
  return [el("div", { class: "panels" }, ...parts)];
}
const stale = () => `Not filtered: as of ${D.users.as_of}`;

function cohortPanel() {
  const rows = D.cohorts.filter((row) => row.traffic === state.traffic);
  const weeks = [...new Set(rows.map((row) => row.week_number))].sort((a, b) => a - b);
  const starts = [...new Set(rows.map((row) => row.cohort_start_date))].sort();
  const at = new Map(rows.map((row) => [`${row.cohort_start_date}|${row.week_number}`, row]));
  const name = (start) => `${start} (${SHORT.format(at.get(`${start}|${weeks[0]}`)?.cohort_user_count ?? 0)})`;
  const squares = rows.filter((row) => row.week_number > 0).map((row) => ({ x: String(row.week_number), y: name(row.cohort_start_date), value: row.retention_rate, said: `${say(row.retention_rate, "share")}, ${WHOLE.format(row.active_user_count)} of ${WHOLE.format(row.cohort_user_count)}${row.is_complete ? "" : "; the week is not over"}` }));
  const body = starts.map((start) => [start, at.get(`${start}|0`)?.cohort_user_count ?? null, ...weeks.filter((w) => w > 0).map((week) => { const row = at.get(`${start}|${week}`); return row ? `${say(row.retention_rate, "share")}${row.is_complete ? "" : " *"}` : "–"; })]);
  return panel("Weekly cohorts", { whole: "Not filtered by date, category or brand", says: "Of the users who first came in a week, the share that came again in each week after it.", note: `* the week is not over. ${starts.length === 1 ? "One cohort so far." : `The last ${starts.length} cohorts.`}` },
    squares.length ? el("figure", {}, heatMap("Retention by cohort and week.", squares, { xs: weeks.filter((w) => w > 0).map(String), ys: starts.map(name), xTitle: "weeks later", xName: "weeks later", yName: "first came (users)", valueName: "came again" })) : el("p", { class: "says" }, "No cohort has a second week yet."),
    tableOf("Retention", [{ label: "first week" }, { label: "users", unit: "count" }, ...weeks.filter((w) => w > 0).map((week) => ({ label: `+${week}` }))], body));
}

function userPanels() {
  const found = D.users.groups[state.traffic];
  const active = found.active_days.map((row) => ({ x: row.label, value: row.user_count, said: WHOLE.format(row.user_count) }));
  const scores = ["1", "2", "3", "4", "5"];
  const sessionsOf = found.sessions.map((row) => ({ x: row.label, value: row.user_count, said: `${WHOLE.format(row.user_count)} users, ${duration(row.mean_seconds)} a session` }));
  const paid = found.monetary.map((row) => ({ x: String(row.monetary_score), value: row.revenue_usd, said: `$${TWO.format(row.revenue_usd)} by ${WHOLE.format(row.user_count)} buyers` }));
  const squares = found.rfm.map((row) => ({ x: String(row.frequency_score), y: String(row.recency_score), value: row.user_count, said: `${WHOLE.format(row.user_count)} buyers, $${TWO.format(row.revenue_usd)}` }));
  return [
    panel("How many days users came", { size: "half", whole: stale() }, el("figure", {}, classBars("Users by number of active days.", active, "days with an event")), numbersBehind("Users by active days", [{ label: "days" }, { label: "users", unit: "count" }], found.active_days.map((row) => [row.label, row.user_count]))),
    panel("How many sessions users had", { size: "half", whole: stale(), says: "With the mean duration of their sessions, as given by their ids." }, el("figure", {}, classBars("Users by number of sessions.", sessionsOf, "sessions")), numbersBehind("Users by sessions", [{ label: "sessions" }, { label: "users", unit: "count" }, { label: "sessions in all", unit: "count" }, { label: "mean duration", unit: "seconds" }], found.sessions.map((row) => [row.label, row.user_count, row.session_count, row.mean_seconds]))),
    panel("Buyers by recency and frequency", { size: "half", whole: stale(), says: "Scores from 1 to 5 among the buyers; 5 is the most recent, and the most orders." },
      squares.length ? el("figure", {}, heatMap("Buyers by recency and frequency scores.", squares, { xs: scores, ys: [...scores].reverse(), xTitle: "frequency score", yTitle: "recency score", xName: "frequency", yName: "recency", valueName: "buyers" })) : el("p", { class: "says" }, "Nobody has purchased."),
      numbersBehind("Buyers by scores", [{ label: "recency" }, { label: "frequency", unit: "count" }, { label: "buyers", unit: "count" }, { label: "revenue", unit: "USD" }], found.rfm.map((row) => [String(row.recency_score), row.frequency_score, row.user_count, row.revenue_usd]))),
    panel("What the fifths of the buyers paid", { size: "half", whole: stale(), says: "By the monetary score of mart_users: 5 are those who paid most. Equal sums have equal scores, so that fifths differ in size." },
      paid.length ? el("figure", {}, classBars("Revenue by monetary score.", paid, "monetary score", "USD")) : el("p", { class: "says" }, "Nobody has purchased."),
      numbersBehind("Revenue by monetary score", [{ label: "monetary score" }, { label: "buyers", unit: "count" }, { label: "revenue", unit: "USD" }], found.monetary.map((row) => [String(row.monetary_score), row.user_count, row.revenue_usd]))),
  ];
}

const FATES = [["in the fact", "fact_count", "series-1"], ["duplicates", "duplicate_count", "series-5"], ["rejected", "rejected_count", "series-2"], ["no event", "malformed_count", "series-4"], ["on their way", "pending_count", "series-3"]];

function quality() {
  const parts = [];
  if (D.cubes.ledger) {
    const fates = FATES.map(([name, column, paint]) => ({ name, colour: paint, values: measureWhole("ledger", column, "") })).filter((one) => one.values.some((value) => value));
    const shares = fates.filter((one) => one.colour !== "series-1");
    parts.push(panel("What became of every line", { says: `By the date of the event. ${WHOLE.format(D.quality.undated)} more lines told no date.` }, el("figure", {}, dayStack("Lines", fates, "count")), legend([...fates.map((one) => [one.name, one.colour]), ...hatchEntry(days(fates[0].values))]), dayTable("Lines", fates)));
    if (shares.length) parts.push(panel("Lines that are not in the fact", { size: "half" }, el("figure", {}, dayStack("Lines outside the fact", shares, "count")), legend(shares.map((one) => [one.name, one.colour])), dayTable("Lines outside the fact", shares)));
    const reasons = D.quality.reasons.map(([reason, meaning]) => { const values = measureWhole("reasons", reason, ""); return [reason.replace(/^(malformed|rejected)_|_count$/g, ""), meaning, values.slice(state.from, state.to + 1).reduce((a, b) => a + (b || 0), 0)]; }).filter((row) => row[2]).sort((a, b) => b[2] - a[2]);
    parts.push(panel("Rejected, by reason", { size: "half", says: "In the chosen dates." }, reasons.length ? tableOf("Rejected lines by reason", [{ label: "reason" }, { label: "meaning" }, { label: "lines", unit: "count", bar: true }], reasons) : el("p", { class: "says" }, "No line of these dates was rejected.")));
  } else parts.push(missingNotice("row_ledger", "The ledger"));
  const incomplete = Object.entries(D.incomplete);
  parts.push(panel("Incomplete days", { size: "half", says: "Hatched everywhere, and compared with nothing." }, incomplete.length ? tableOf("Incomplete days", [{ label: "date" }, { label: "why" }], incomplete) : el("p", { class: "says" }, "None: every day of this page is complete.")));
  parts.push(checksPanel());
  if (D.cubes.lateness) {
    const late = { name: "rows delivered after their date had closed", colour: "series-2", values: measureWhole("lateness", "late_row_count", "") };
    parts.push(panel("Late deliveries", { size: "half", says: "Rows whose object was written more than three hours after the end of their date." }, el("figure", {}, dayBars("Late rows", late.values, "count")), dayTable("Late rows", [late])));
  }
  parts.push(panel("Freshness", { size: "half", whole: "Not filtered", says: "What is published of every table, and since when." },
    tableOf("Tables", [{ label: "table" }, { label: "last date" }, { label: "dates", unit: "count" }, { label: "rows", unit: "count" }, { label: "published (UTC)" }], D.quality.tables.map((row) => [row.table, row.last_date, row.dates, row.rows, row.published_at]))));
  if (D.quality.refused.length) parts.push(panel("Refused objects", { whole: "Not filtered" }, tableOf("Objects that were refused whole", [{ label: "object" }, { label: "reason" }, { label: "in words" }], D.quality.refused.map((row) => [row.source_object, row.reason, row.detail]))));
  return [el("div", { class: "panels" }, ...parts)];
}

/** A measure of all that arrived, whatever category or brand is chosen. */
function measureWhole(cube, name, part) {
  const kept = { ...state };
  Object.assign(state, { breakdown: "all", value: -1, traffic: "all" });
  const values = measure(cube, name, part);
  Object.assign(state, kept);
  return values;
}

/** What a check says of many dates is long; its page in the user interface has all of it. */
const beginning = (text) => (text.length > 240 ? `${text.slice(0, 240)} … (the rest stands on the check's page in Dagster)` : text);

function checksPanel() {
  if (!D.quality.checks) return panel("Checks", { size: "half" }, el("p", { class: "says" }, "Their results are kept by Dagster, which did not write this page; its user interface shows them by date."));
  const failed = D.quality.checks.filter((row) => row.failed);
  const passed = D.quality.checks.length - failed.length;
  return panel("Checks", { size: "half", whole: "Not filtered", says: `The last result of each: ${passed} passed, ${failed.length} did not.` },
    failed.length ? tableOf("Checks that did not pass", [{ label: "table" }, { label: "check" }, { label: "severity" }, { label: "says" }], failed.map((row) => [row.table, row.check, row.severity, beginning(row.says)])) : el("p", { class: "says" }, "Every check that was run has passed."));
}
