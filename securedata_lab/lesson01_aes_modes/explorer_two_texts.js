  const both = data.both.match(/../g).map((digits) => parseInt(digits, 16));
  const kept = []; // what the student believes: { at, upper, lower }
  const state = { at: 0, news: "" };

  const word = made("input", { type: "text", value: data.guess, maxLength: 20, spellcheck: false, autocomplete: "off" });
  const slider = made("input", { type: "range", min: 0, value: 0, className: "slider" });
  const texts = made("div", { className: "texts" });
  const said = live();
  const pairs = both.map(() => {
    const letters = [made("span"), made("span")];
    texts.append(made("span", { className: "pair" }, ...letters));
    return letters;
  });

  const guess = () => [...word.value].filter((letter) => letter <= "~").slice(0, both.length);
  const other = (letters) => letters.map((letter, n) => String.fromCharCode(letter.charCodeAt(0) ^ both[state.at + n]));

  // The upper letters say the lower ones, so they alone can contradict each other.
  const believe = (upper, lower) => {
    const clash = kept.some((it) => it.upper.some((letter, n) => {
      const mine = upper[it.at + n - state.at];
      return mine !== undefined && mine !== letter;
    }));
    kept.push({ at: state.at, upper, lower });
    return clash ? "Kept. Two of your words say different things of one place: one is wrong." : "Kept.";
  };
  const button = (textContent, act) => {
    const it = made("button", { type: "button", className: "wide", textContent });
    it.addEventListener("click", () => ((state.news = act()), show()));
    return it;
  };
  const up = button("It is in the upper text", () => believe(guess(), other(guess())));
  const down = button("It is in the lower text", () => believe(other(guess()), guess()));
  const back = button("Take the last one back", () => (kept.pop() ? "Taken back." : ""));
  word.addEventListener("input", () => ((state.news = ""), show()));
  slider.addEventListener("input", () => ((state.at = Number(slider.value)), (state.news = ""), show()));

  function show() {
    const letters = guess();
    slider.max = both.length - Math.max(letters.length, 1);
    state.at = Math.min(state.at, Number(slider.max));
    const reads = other(letters);
    const last = state.at + letters.length - 1;
    slider.setAttribute("aria-valuetext", `places ${state.at} to ${last}`);
    pairs.forEach((pair, place) => {
      const n = place - state.at;
      const inside = n >= 0 && n < letters.length;
      const found = kept.findLast((it) => place >= it.at && place < it.at + it.upper.length);
      pair.forEach((cell, text) => {
        const letter = found ? [found.upper, found.lower][text][place - found.at] : [letters, reads][text][n];
        cell.textContent = found || inside ? printed(letter) : " ";
        cell.className = (inside && !found ? "tried " : "") + (found ? "kept" : "");
      });
    });
    const quoted = (parts) => `“${parts.map(printed).join("")}”`;
    up.disabled = down.disabled = letters.length === 0;
    back.disabled = kept.length === 0;
    const places = `Places ${state.at} to ${last}: if one text has ${quoted(letters)}, the other has ${quoted(reads)}.`;
    said.textContent = `${state.news} ${letters.length ? places : "Type a word."}`.trim();
  }

  place.replaceChildren(
    made("label", {}, "Your word, with its spaces: ", word),
    made("label", { className: "row" }, "Slide it along: ", slider),
    group("The upper text above the lower text (␣ is a space, · no letter)", texts),
    said,
    made("div", {}, up, down, back),
  );
  show();
