  const { q, B, slips, left, said } = data;
  const slider = made("input", { type: "range", min: 0, max: slips.length, value: 0, step: 1 });
  const number = made("b");
  const told = live();
  const plane = made("div", { innerHTML: '<svg aria-hidden="true"></svg>' }).firstChild; // the sentence says the same

  // One slip: every x that was left before it, at the height of the k that it needs.
  function draw() {
    const { width, height } = plane.getBoundingClientRect();
    if (!width) return; // hidden: it is drawn when it is shown
    const seen = slider.valueAsNumber;
    const arm = seen > 1 ? 3.5 : width < 480 ? 1.5 : 2.5; // of a cross: the first slip has hundreds
    const [t, a] = slips[Math.max(seen - 1, 0)];
    const before = seen === 0 ? [] : seen === 1 ? [...Array(q - 1).keys()].map((n) => n + 1) : left[seen - 2];
    const marks = { out: "", in: "" };
    const [across, up] = [(x) => (x / q) * width, (k) => (1 - k / q) * (height - 12)]; // room for a ring at k = 0
    for (const x of before) {
      const k = (t * x + a) % q;
      const [column, row] = [across(x), up(k)];
      if (k < B) marks.in += `M${column - 3} ${row}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;
      else marks.out += `M${column - arm} ${row - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`;
    }
    const [x, ...others] = seen ? left[seen - 1] : [0, 0];
    const ring = `<circle class="only" cx="${across(x)}" cy="${up((t * x + a) % q)}" r="9"/>`;
    plane.innerHTML =
      `<rect class="short" x="0" y="${up(B)}" width="${width}" height="${height - up(B)}"/>` +
      `<path class="out" d="${marks.out}"/><path class="in" d="${marks.in}"/>${others.length ? "" : ring}`;
  }

  function show() {
    const seen = slider.valueAsNumber;
    number.textContent = ` ${seen}`;
    slider.setAttribute("aria-valuetext", count(seen, "slip"));
    told.textContent = seen ? `After ${said[seen]}.` : `No slip yet: x can be each of 1 to ${q - 1}.`;
    draw();
  }
  slider.addEventListener("input", show);
  new ResizeObserver(draw).observe(plane);

  const words = (className, ...texts) =>
    made("div", { className }, ...texts.map((textContent) => made("span", { textContent })));
  place.replaceChildren(
    made("label", {}, "Slips that Eve has seen: ", slider, number),
    made("div", { className: "plane" }, words("ks", `${q - 1}`, "the k that x needs", `below ${B}`), plane,
      words("xs", "1", "x: is it the private key?", `${q - 1}`)),
    told,
    words("legend", "● left: needs a short k", "× crossed out: needs a longer k"),
  );
  show();
