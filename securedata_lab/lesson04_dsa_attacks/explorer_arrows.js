  const { q, T, A, B } = data;
  const name = `arrows${String(alone).slice(2)}`;
  const drawn = (tag, attributes, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const start = () => ({ a: [0, q], b: [1, T], you: [0, A], clicks: 0 });
  let state = start();
  const long = ([k1, k2]) => Math.hypot(k1, k2);
  const plus = (row, by, n) => [row[0] + n * by[0], row[1] + n * by[1]];
  const inside = ([k1, k2]) => k1 >= 0 && k1 < B && k2 >= 0 && k2 < B;
  const pair = ([k1, k2]) => `(${k1}, ${k2})`.replaceAll("-", "−");

  // The picture shows k1 from -80 and k2 from -14 on, 1.6 points for each.
  const [wide, high] = [400, 470];
  const X = (k1) => (k1 + 80) * 1.6;
  const Y = (k2) => high - (k2 + 14) * 1.6;
  const seen = ([k1, k2]) => X(k1) >= 0 && X(k1) <= wide && Y(k2) >= 0 && Y(k2) <= high;
  const picture = drawn("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img" });
  const [rows, said] = [made("p", { className: "sum" }), live()];
  const tips = drawn("defs", {});
  for (const kind of ["a", "b"]) {
    const shape = { id: name + kind, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto" };
    const tip = drawn("marker", shape);
    tip.append(drawn("path", { d: "M0 0L10 5L0 10z", class: `${kind} tip` }));
    tips.append(tip);
  }
  const still = [drawn("rect", { x: X(0), y: Y(B), width: 1.6 * B, height: 1.6 * B, class: "square" })];
  for (let k1 = -80; X(k1) <= wide; k1++) {
    const k2 = (((T * k1 + A) % q) + q) % q;
    for (const dot of [[k1, k2 - q], [k1, k2], [k1, k2 + q]])
      if (seen(dot)) still.push(drawn("circle", { cx: X(dot[0]), cy: Y(dot[1]), r: 2, class: "dot" }));
  }
  still.push(drawn("text", { x: wide - 36, y: Y(0) + 18 }, "k1 →"), drawn("text", { x: X(0) - 40, y: 16 }, "k2 ↑"));

  function show(words) {
    const { a, b, you, clicks } = state;
    picture.replaceChildren(tips, ...still);
    for (const [kind, row] of [["a", a], ["b", b]]) {
      const to = plus(you, row, 1);
      picture.append(drawn("line", { x1: X(you[0]), y1: Y(you[1]), x2: X(to[0]), y2: Y(to[1]), class: kind, "marker-end": `url(#${name}${kind})` }));
      const [x, y] = [X(to[0]) + 8, Y(to[1]) + (kind === "a" ? -4 : 16)]; // in the picture, also where the tip is not
      picture.append(drawn("text", { x: Math.min(Math.max(x, 4), wide - 14), y: Math.min(Math.max(y, 14), high - 4) }, kind));
    }
    picture.append(drawn("circle", { cx: X(you[0]), cy: Y(you[1]), r: 7, class: `you${inside(you) ? " there" : ""}` }));
    rows.textContent = `a = ${pair(a)}, length ${long(a).toFixed()}. b = ${pair(b)}, length ${long(b).toFixed()}. You stand on ${pair(you)}. ${count(clicks, "click")}.`;
    const where = seen(you) ? "" : " You stand outside the picture.";
    said.textContent = inside(you) ? `You are in the square: k1 = ${you[0]}, k2 = ${you[1]}.` : words + where;
    picture.setAttribute("aria-label", `Dots, two arrows and a square. ${rows.textContent} ${said.textContent}`);
  }
  function change(row, by, n) {
    const before = long(state[row]);
    state[row] = plus(state[row], state[by], n);
    state.clicks++;
    const now = long(state[row]);
    const than = now < before ? "shorter" : now > before ? "longer" : "as long as before";
    show(row === "you" ? `You went to ${pair(state.you)}.` : `${row} is ${than}: ${now.toFixed()}.`);
  }
  const button = (textContent, act) => {
    const one = made("button", { type: "button", className: "wide", textContent });
    one.addEventListener("click", act);
    return one;
  };
  const both = (row, by) => [
    button(`${row} − ${by}`, () => change(row, by, -1)),
    button(`${row} + ${by}`, () => change(row, by, 1)),
  ];
  const begin = "You stand on a dot outside the square.";
  place.replaceChildren(
    group("Change an arrow", ...both("a", "b"), ...both("b", "a")),
    group("Walk along an arrow", ...both("you", "a"), ...both("you", "b")),
    button("begin again", () => { state = start(); show(begin); }),
    rows, picture, said,
  );
  show(begin);
