  // Without a start nobody signs yet: one walks, by steps and by jumps.
  const { p, powers, inverses, jump, start } = data;
  const q = powers.length;
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

  const picture = drawn("svg", { viewBox: "-25 -12 410 365", role: "img" });
  const arrows = drawn("defs", {});
  for (const kind of ["step", "jump"]) {
    const shape = { id: name + kind, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto" };
    const arrow = drawn("marker", shape);
    arrow.append(drawn("path", { d: "M0 0L10 5L0 10z", class: `${kind} tip` }));
    arrows.append(arrow);
  }
  const said = live();
  const button = (textContent, act) => {
    const one = made("button", { type: "button", className: "wide", textContent });
    one.addEventListener("click", act);
    return one;
  };

  // A straight line between the rims of two dots.
  function way(kind, from, to) {
    const [a, b] = [at(from), at(to)];
    const long = Math.hypot(b.x - a.x, b.y - a.y);
    const on = (rim) => [a.x + (rim / long) * (b.x - a.x), a.y + (rim / long) * (b.y - a.y)];
    const [[x1, y1], [x2, y2]] = [on(18), on(long - 22)];
    picture.append(drawn("line", { x1, y1, x2, y2, class: kind, "marker-end": `url(#${name}${kind})` }));
  }

  // What was walked, where one stands, how that dot looks, and the signer's dot.
  function draw(walked, here, look, signers = -1) {
    picture.replaceChildren(arrows);
    for (const [kind, from, to] of walked) way(kind, from, to);
    powers.forEach((power, dot) => {
      const { x, y } = at(dot);
      const beside = at(dot, 1.32);
      const kind = `dot${dot === signers ? " kims" : ""}${dot === here ? ` ${look}` : ""}`;
      picture.append(drawn("circle", { cx: x, cy: y, r: 17, class: kind }));
      picture.append(drawn("text", { x, y: y + 5, class: dot === here ? "black" : "" }, power));
      picture.append(drawn("text", { x: beside.x, y: beside.y + 4, class: "place" }, `dot ${dot}${dot === signers ? " = k" : ""}`));
    });
    const whose = signers < 0 ? "" : `The signer's dot is ${signers}. `;
    picture.setAttribute("aria-label", `A ring of ${q} dots. ${whose}${said.textContent}`);
  }

  function onlyWalk() {
    let [here, walked] = [0, []];
    const go = (kind, by, factor) => {
      const [from, product] = [here, powers[here] * factor];
      here = (from + by) % q;
      walked.push([kind, from, here]);
      const rest = product < p ? "" : `, which is ${powers[here]} modulo ${p}`;
      said.textContent = `${powers[from]} × ${factor} = ${product}${rest}: dot ${here}.`;
      draw(walked, here, "here");
    };
    const back = () => {
      [here, walked] = [0, []];
      said.textContent = "Dot 0 holds 1.";
      draw(walked, here, "here");
    };
    const far = powers.indexOf(jump); // how many steps that is, one counts
    place.replaceChildren(
      button(`one step: × ${powers[1]}`, () => go("step", 1, powers[1])),
      button(`one jump: × ${jump}`, () => go("jump", far, jump)),
      button("back to dot 0", back),
      picture, said,
    );
    back();
  }

  // k is shown when the judge has arrived once: it is what one predicts.
  function judge() {
    const state = { ...start, gets: "the slip as signed", gone: 0, known: false };
    const [signs, sees] = [made("p", { className: "sum" }), made("p", { className: "sum" })];
    const slider = (label, key, least) => {
      const range = made("input", { type: "range", min: least, max: q - 1, value: state[key] });
      const shown = made("output", { textContent: state[key] });
      range.addEventListener("input", () => {
        shown.textContent = range.value;
        walk({ [key]: Number(range.value), gone: 0 });
      });
      return made("label", {}, `${label} `, range, " ", shown);
    };
    const walk = (change) => {
      Object.assign(state, change);
      const { x, h, k, gets } = state;
      const isEves = gets === "a signature by Eve's key";
      const signer = isEves ? ((x + 1) % (q - 1)) + 1 : x;
      const seen = gets === "a changed slip" ? (h + 1) % q : h;
      const r = powers[k] % q;
      const s = ((h + signer * r) * inverses[k]) % q;
      const [steps, jumps] = [(seen * inverses[s]) % q, (r * inverses[s]) % q];
      const all = s ? steps + jumps : 0;
      const gone = (state.gone = Math.min(state.gone, all));
      const dot = (n) => (n <= steps ? n : steps + (n - steps) * x) % q;
      const here = dot(gone);
      const v = powers[here] % q;
      const arrived = s !== 0 && gone === all;
      state.known ||= arrived;

      const key = isEves ? `a key of her own, x = ${signer},` : `x = ${x}`;
      const how = state.known ? `k = ${k}: g^k mod p = ${powers[k]}, ` : "a secret k: ";
      const altered = seen === h ? "" : ` Then somebody changes the slip: now its h is ${seen}.`;
      const sum = `(${h} + ${signer}·${r})/k mod q = ${s}`;
      signs.textContent = `${isEves ? "Eve" : "Kim"} signs h = ${h} with ${key} and ${how}r = ${r}, s = ${sum}.${altered}`;
      sees.textContent = s === 0 ? "" :
        `The judge knows Kim's y = ${powers[x]}, and sees h = ${seen}, r = ${r}, s = ${s}. ` +
        `1/s = ${inverses[s]}, so u1 = ${seen}/s = ${steps} and u2 = ${r}/s = ${jumps}.`;
      const verdict =
        v !== r ? `not r = ${r}. Refused.`
        : here === k ? "as r. Valid: it is the signer's dot."
        : "as r. Valid by accident: the ring is so small that two dots have one r.";
      const done = `${Math.min(gone, steps)} of ${count(steps, "step")}, ${Math.max(gone - steps, 0)} of ${count(jumps, "jump")}`;
      said.textContent = s === 0
        ? "s = 0: nobody can divide by it. Draw another k."
        : `The judge, after ${done}: dot ${here}, which holds ${powers[here]}.${arrived ? ` v = ${v}, ${verdict}` : ""}`;
      controls.hidden = !state.known;
      const walked = Array.from({ length: gone }, (_, n) => [n < steps ? "step" : "jump", dot(n), dot(n + 1)]);
      draw(walked, here, !arrived ? "here" : v === r ? "valid" : "refused", state.known ? k : -1);
    };
    const cases = ["the slip as signed", "a changed slip", "a signature by Eve's key"];
    const controls = made("div", {},
      group("The judge gets", ...choices(cases, state.gets, (gets) => walk({ gets, gone: 0 }))),
      group("Choose", slider("Kim's private key x", "x", 1), slider("hash h", "h", 0), slider("the signer's k", "k", 1)),
    );
    place.replaceChildren(
      signs, sees,
      button("one step or jump", () => walk({ gone: state.gone + 1 })),
      button("to the end", () => walk({ gone: 2 * q })),
      button("back to dot 0", () => walk({ gone: 0 })),
      picture, said, controls,
    );
    walk({});
  }

  if (start) judge();
  else onlyWalk();
