  const { doors, foot } = data;
  const LOOKS = { broken: ["✗", "open"], "symptom patch": ["~", "ajar"], fixed: ["✓", "shut"] };
  const WORDS = "and|as|def|else|except|for|from|if|import|in|None|not|or|raise|return|try|while|with";
  const CODE = new RegExp(`(#.*|"""[^]*?"""|"[^"\\n]*"|'[^'\\n]*')|\\b(${WORDS})\\b`, "g");
  const row = made("div", { className: "row" });
  const said = live();
  const facts = made("dl");
  const source = made("pre");
  const text = (name, words) => made(name, { textContent: words });

  walk(row, doors.length, choose);
  [...row.children].forEach((button, n) => {
    const { method, verdict, was } = doors[n];
    const [mark, state] = LOOKS[verdict];
    const leaf = made("span", { className: `leaf ${LOOKS[was][1]}`, ariaHidden: "true" }, mark);
    const name = made("span", {}, ...method.split(/(?<=_)/).flatMap((part) => [part, made("wbr")]));
    button.append(made("span", { className: "frame" }, leaf), name, text("b", state));
    setTimeout(() => (leaf.className = `leaf ${state}`), 600 + 150 * n);
  });

  function coloured(lines) {
    const parts = [];
    let at = 0;
    for (const found of lines.matchAll(CODE)) {
      const kind = found[2] ? "word" : found[0][0] === "#" ? "comment" : "string";
      parts.push(lines.slice(at, found.index), made("span", { className: kind, textContent: found[0] }));
      at = found.index + found[0].length;
    }
    return [...parts, lines.slice(at)];
  }

  function choose(n) {
    const door = doors[n];
    const [mark, state] = LOOKS[door.verdict];
    press(row, n);
    const before = door.was !== door.verdict ? ` It was ${LOOKS[door.was][1]}.` : "";
    const came = (door.kind ? `the kind “${door.kind}” came in.` : "nobody came in.") + before;
    said.textContent = `${mark} ${door.method}() is ${state}` + (door.why ? ` (${door.verdict}): ${came}` : ".");
    const shown = !door.why ? [] : [
      ["read or forged", door.found || "nothing"],
      ["why", door.why],
      ...(door.kinds.length ? [["kinds that were tried", door.kinds.join(", ")]] : []),
    ];
    facts.replaceChildren(...shown.flatMap(([name, words]) => [text("dt", name), text("dd", words)]));
    source.replaceChildren(...coloured(door.lines));
  }

  place.replaceChildren(group("Choose one door, and look behind it", row), said, facts, source, text("p", foot));
  if (doors.length === 1) choose(0);
