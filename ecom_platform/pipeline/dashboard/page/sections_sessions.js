// The section about sessions: in all, by device and by channel; as given and cut at silence.

const CUTS = [["by the given id", "given"], ["cut at 30 minutes of silence", "silence"]];
const LENGTHS = [["median", "median_seconds", "series-1"], ["95 % do not exceed", "p95_seconds", "series-2"]];

function sessions() {
  const { ignored } = seriesOf("sessions", "given");
  const lengths = (part) => LENGTHS.map(([name, column, paint]) => ({ name, values: measure("sessions", column, part), colour: paint, unit: "seconds" }));
  const [given, silence] = CUTS.map(([, part]) => sumOver(measure("sessions", "session_count", part), state.from, state.to));
  const more = given ? silence / given - 1 : null;
  return [el("div", { class: "panels" },
    cutsPanel("Two ways to cut", { ignored, says: more === null ? "" : `Cut at 30 minutes of silence there are ${percent(more)} more sessions than ids.` }, null),
    metricPanel("bounce_rate"), metricPanel("events_per_session"),
    ...CUTS.map(([name, part]) => {
      const drawn = lengths(part);
      const title = `Duration by day, ${name}`;
      return panel(title, { size: "half", ignored, says: part === "given" ? "Exact for each day; percentiles of several days cannot be added up, so there is no figure for the period." : "The same sessions, cut wherever more than 30 minutes pass without an event." },
        el("figure", {}, dayLines(title, drawn, "seconds")), legend([...drawn.map((one) => [one.name, one.colour]), ...hatchEntry(days(drawn[0].values))]), dayTable(title, drawn));
    }),
    ...["device_type", "source_channel"].flatMap((by) => sessionsBy(by)))];
}

/** Numbers of sessions as both cuts give them, for all or for each value of a breakdown. */
function cutsPanel(title, options, by) {
  const day = lastKnown(measure("sessions", "median_seconds", "given"));
  const rowOf = (name, [label, part]) => {
    const at = (column) => sumOver(measure("sessions", column, part), state.from, state.to);
    const [count, events, bounces, length] = ["session_count", "event_count", "bounce_count", "duration_seconds"].map(at);
    const given = sumOver(measure("sessions", "session_count", "given"), state.from, state.to);
    const on = (column) => (day === null ? null : measure("sessions", column, part)[day]);
    return [...(by ? [name] : []), label, count, part === "given" || !given ? null : count / given - 1, count ? events / count : null, count ? bounces / count : null, count ? length / count : null, on("median_seconds"), on("p95_seconds")];
  };
  const rows = by
    ? D.values[by].flatMap((name, value) => dividedBy(by, value, () => CUTS.map((cut) => rowOf(name, cut)))).filter((row) => row[2])
    : dividedBy(ALL, -1, () => CUTS.map((cut) => rowOf("", cut)));
  const columns = [...(by ? [{ label: NAMES[by] }] : []), { label: "sessions" }, { label: "number", unit: "count", bar: Boolean(by) }, { label: "more than ids", unit: "share", say: signed }, { label: "events each", unit: "ratio" }, { label: "with a single event", unit: "share" }, { label: "mean duration", unit: "seconds" }, { label: "median *", unit: "seconds" }, { label: "95 % *", unit: "seconds" }];
  const about = day === null ? "* Of no day: none of the selection is complete."
    : `* Median, and the length that 95 % do not exceed, of ${D.dates[day]}, the last complete day of the selection: percentiles of several days cannot be added up.`;
  return panel(title, { ...options, note: [about, by ? aboutValues(by, rows) : ""].filter(Boolean).join(" ") }, tableOf(`${title}, ${period()}`, columns, rows));
}

function sessionsBy(by) {
  const ignored = ignoredBeside();
  const table = cutsPanel(`By ${NAMES[by]}`, { ignored }, by);
  const sessionsOf = (value) => dividedBy(by, value, () => sumOver(measure("sessions", "session_count", "given"), state.from, state.to));
  const known = D.values[by].map((_, value) => value).filter((value) => sessionsOf(value));
  const shown = known.slice(0, COLOURS.length);
  if (shown.length < 2) return [table];
  const lines = (title, column, unit, says) => {
    const drawn = shown.map((value, at) => ({ name: D.values[by][value], colour: COLOURS[at], unit, values: dividedBy(by, value, () => measure("sessions", column, "given")) }));
    return panel(title, { size: "half", ignored, says }, el("figure", {}, dayLines(title, drawn, unit)), legend([...drawn.map((one) => [one.name, one.colour]), ...hatchEntry(days(drawn[0].values))]), dayTable(title, drawn));
  };
  const which = known.length > shown.length ? `The ${shown.length} with most sessions.` : "";
  return [table, lines(`Sessions by ${NAMES[by]}`, "session_count", "count", which), lines(`Median duration by ${NAMES[by]}`, "median_seconds", "seconds", which)];
}
