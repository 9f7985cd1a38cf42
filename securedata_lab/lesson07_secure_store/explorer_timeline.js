  const { heads, keepers, steps } = data;
  const state = { step: 0, keeper: 0 };

  const days = made("div", { className: "days" });
  const chain = made("div", { className: "chain" });
  const said = live();
  const radios = choices(keepers, keepers[0], (name) => ((state.keeper = keepers.indexOf(name)), show()));
  walk(days, steps.length, (n) => ((state.step = n), show()));
  [...days.children].forEach((button, n) => (button.textContent = steps[n].when));

  const box = (className, textContent) => made("span", { className, textContent });

  function verdict(rows, kept) {
    if (state.step < steps.length - 1) return "";
    const valid = `${rows} records, and all signatures are valid.`;
    if (kept === null) return `${valid} Nothing tells that there were three.`;
    return kept === rows
      ? `${valid} The kept head came back with the copy, and fits.`
      : `${valid} But Ada kept head ${kept}, and the rows lead to head ${rows}: something is missing.`;
  }

  function show() {
    const { what, rows, kept: all } = steps[state.step];
    const kept = all[state.keeper];
    press(days, state.step);
    const seen = Math.max(...steps.slice(0, state.step + 1).map((it) => it.rows));
    const columns = heads.map((digits, n) => {
      const absent = n > seen ? " later" : n > rows ? " missing" : "";
      const record = { "": `record ${n} ✓`, " later": "not yet", " missing": `gone` }[absent];
      const keeps = n === kept ? [made("strong", { textContent: `kept by ${keepers[state.keeper]}` })] : [];
      const arrow = n > 0 ? "→ " : "";
      return made(
        "div", {},
        box(`head${absent}`, `${arrow}head ${n}`),
        box(`digits${absent}`, absent === " later" ? "…" : `${digits}…`),
        n === 0 ? box("row none", "no record") : box(`row${absent}`, record),
        ...keeps,
      );
    });
    chain.replaceChildren(...columns);
    said.textContent = [what, verdict(rows, kept)].filter(Boolean).join(" ");
  }

  place.replaceChildren(group("Who keeps the head?", ...radios), group("When", days), chain, said);
  show();
