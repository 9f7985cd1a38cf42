  const { powers, inverses } = data;
  const q = powers.length;
  const [x, h, k] = data.start;
  const state = { x, h, k, gets: "the slip as signed" };
  const name = `ring${String(alone).slice(2)}`;

  const drawn = (tag, attributes, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  // Where a dot is: a fraction of the distance to the middle belongs to the ring itself.
  const at = (dot, out = 1) => {
    const angle = (2 * Math.PI * dot) / q;
    return { x: 180 + 130 * out * Math.sin(angle), y: 170 - 130 * out * Math.cos(angle) };
  };

  const picture = drawn("svg", { viewBox: "0 0 360 340", role: "img" });
  const arrows = drawn("defs", {});
  for (const kind of ["step", "jump"]) {
    const shape = { id: name + kind, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto" };
    const arrow = drawn("marker", shape);
    arrow.append(drawn("path", { d: "M0 0L10 5L0 10z", class: `${kind} tip` }));
    arrows.append(arrow);
  }
  const kims = made("span");
  const judges = made("span");
  const said = live();
  const slider = (label, key, least) => {
    const range = made("input", { type: "range", min: least, max: q - 1, value: state[key] });
    const shown = made("output", { textContent: state[key] });
    range.addEventListener("input", () => {
      state[key] = Number(range.value);
      shown.textContent = range.value;
      show();
    });
    return made("label", {}, `${label} `, range, " ", shown);
  };

  // A straight line between the rims of two dots.
  function way(kind, from, to) {
    const [a, b] = [at(from), at(to)];
    const long = Math.hypot(b.x - a.x, b.y - a.y);
    const on = (rim) => [a.x + (rim / long) * (b.x - a.x), a.y + (rim / long) * (b.y - a.y)];
    const [[x1, y1], [x2, y2]] = [on(18), on(long - 22)];
    picture.append(drawn("line", { x1, y1, x2, y2, class: kind, "marker-end": `url(#${name}${kind})` }));
  }

  function show() {
    const { x, h, k } = state;
    const signer = state.gets === "a signature by another key" ? ((x + 1) % (q - 1)) + 1 : x;
    const sees = state.gets === "a changed slip" ? (h + 1) % q : h;
    const r = powers[k] % q;
    const s = ((h + signer * r) * inverses[k]) % q;
    const steps = (sees * inverses[s]) % q;
    const jumps = (r * inverses[s]) % q;
    const end = (steps + x * jumps) % q;
    const v = powers[end] % q;

    picture.replaceChildren(arrows);
    if (s !== 0) {
      for (let n = 0; n < steps; n++) way("step", n, n + 1);
      for (let n = 0; n < jumps; n++) way("jump", steps + n * x, steps + (n + 1) * x);
    }
    powers.forEach((power, dot) => {
      const { x, y } = at(dot);
      const isEnd = s !== 0 && dot === end;
      const kind = `dot${dot === k ? " kims" : ""}${isEnd ? (v === r ? " valid" : " refused") : ""}`;
      picture.append(drawn("circle", { cx: x, cy: y, r: 17, class: kind }));
      picture.append(drawn("text", { x, y: y + 5, class: isEnd ? "black" : "" }, power));
      const beside = at(dot, 1.22);
      picture.append(drawn("text", { x: beside.x, y: beside.y + 4, class: "place" }, dot === k ? `k = ${dot}` : dot));
    });

    const another = signer === x ? "" : `, with x = ${signer}`;
    kims.textContent = `g^k mod p = ${powers[k]}, r = ${r}, s = (${h} + ${signer}·${r})/${k} mod q = ${s}${another}`;
    if (s === 0) {
      judges.textContent = "nothing";
      said.textContent = "s = 0: nobody can divide by it. Draw another k.";
    } else {
      judges.textContent = `1/s = ${inverses[s]}, u1 = ${sees}/s = ${steps}, u2 = r/s = ${jumps}, y = ${powers[x]}`;
      const verdict =
        v !== r ? `not r = ${r}. Refused.`
        : end === k ? "as r. Valid: it is Kim's dot."
        : "as r. Valid by accident: the ring is so small that two dots have one r.";
      said.textContent =
        `The judge: ${count(steps, "step")}, then ${count(jumps, "jump")} by y: dot ${end}, ${powers[end]}. v = ${v}, ${verdict}`;
    }
    picture.setAttribute("aria-label", `A ring of ${q} dots. Kim stands on dot ${k}. ${said.textContent}`);
  }

  const cases = ["the slip as signed", "a changed slip", "a signature by another key"];
  place.replaceChildren(
    group("Kim signs", slider("private key x", "x", 1), slider("hash h", "h", 0), slider("secret k", "k", 1)),
    group("The judge gets", ...choices(cases, state.gets, (gets) => ((state.gets = gets), show()))),
    picture,
    made("p", { className: "sum" }, "Kim: ", kims),
    made("p", { className: "sum" }, "The judge: ", judges),
    said,
  );
  show();
