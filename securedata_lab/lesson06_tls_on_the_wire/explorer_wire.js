  const state = { record: 0, deed: data.deeds[0] };
  const arrived = made("ol", { start: 0 });
  const said = live();
  const records = choices(data.names.map((name, n) => `${n}, ${name}`), "0, " + data.names[0], (it) => ((state.record = parseInt(it)), show()));
  const deeds = choices(data.deeds, state.deed, (it) => ((state.deed = it), show()));

  function show() {
    const rows = data.table[`${state.deed}|${state.record}`];
    if (!rows) {
      arrived.replaceChildren();
      said.textContent = "There is no next one: choose another record.";
      return;
    }
    arrived.replaceChildren(...rows.map(({ was, state: word, why }, number) =>
      made("li", { className: word, textContent: `counted as ${number}, sent as ${was}: ${word}${why ? `, ${why}` : ""}` })));
    const closed = rows.findIndex((row) => row.state === "closed");
    const taken = rows.filter((row) => row.state === "taken").length;
    if (rows.some((row) => row.state === "fails")) said.textContent = "Your my_open does not open what was sent: first 6.3.";
    else if (taken) said.textContent = `Your my_open took ${count(taken, "record")} that nobody sent so. A real receiver compares each tag.`;
    else if (closed >= 0) said.textContent = `At number ${closed}, a real receiver sends bad_record_mac, and ends the session: the rest is never tried.`;
    else if (rows.length < data.names.length) said.textContent = "All that arrives opens, and the last record is missing.";
    else said.textContent = "All open.";
  }

  place.replaceChildren(group("The server sends these records. On its way, one is changed", ...records), group("What is done to it", ...deeds), group("What arrives, and what your my_open says", arrived), said);
  show();
