  const both = data.both.match(/../g).map((digits) => parseInt(digits, 16));
  const found = [Array(both.length).fill(null), Array(both.length).fill(null)];
  const state = { at: 0, words: 0, wrong: 0, news: "" };
  const ENOUGH = 3; // words: then one has seen how it goes

  const fingerprint = (text) =>
    [...new TextEncoder().encode(text)].reduce((value, byte) => Math.imul(value ^ byte, 16777619) >>> 0, 2166136261);
  const isRight = (text, place, letter) =>
    fingerprint(`${data.salt}/${text}/${place}/${letter}`) === data.prints[text][place];

  const word = made("input", { type: "text", value: data.guess, maxLength: 20, spellcheck: false, autocomplete: "off" });
  const slider = made("input", { type: "range", min: 0, value: 0, className: "slider" });
  const texts = made("div", { className: "texts" });
  const said = live();
  const keep = made("button", { type: "button", className: "wide", textContent: "Keep it" });
  const pairs = both.map(() => {
    const letters = [made("span"), made("span")];
    texts.append(made("span", { className: "pair" }, ...letters));
    return letters;
  });

  const shown = (letter) => (letter === " " ? "␣" : letter > " " && letter <= "~" ? letter : "·");
  const guess = () => [...word.value].filter((letter) => letter <= "~").slice(0, both.length);
  const other = () => guess().map((letter, n) => String.fromCharCode(letter.charCodeAt(0) ^ both[state.at + n]));

  word.addEventListener("input", () => ((state.news = ""), show()));
  slider.addEventListener("input", () => ((state.at = Number(slider.value)), (state.news = ""), show()));
  // Nobody can know which text is text 1: the page finds it.
  keep.addEventListener("click", () => {
    const ways = [[guess(), other()], [other(), guess()]];
    const at = ways.findIndex((way) =>
      way.every((letters, t) => letters.every((letter, n) => isRight(t, state.at + n, letter))),
    );
    if (at >= 0) ways[at].forEach((letters, t) => letters.forEach((letter, n) => (found[t][state.at + n] = letter)));
    state[at >= 0 ? "words" : "wrong"] += 1;
    const count = found[0].filter((letter) => letter !== null).length;
    const enough = state.words >= ENOUGH ? " You have seen how it goes: go on in the lesson." : "";
    const next = count === both.length ? " You have read both texts." : enough;
    state.news =
      at >= 0
        ? `Right, your word is in text ${at + 1}. Kept: ${count} of ${both.length} places.${next}`
        : `In neither text at this place. Wrong guesses: ${state.wrong}.`;
    show();
  });

  function show() {
    const letters = guess();
    slider.max = both.length - Math.max(letters.length, 1);
    state.at = Math.min(state.at, Number(slider.max));
    const reads = other();
    const last = state.at + letters.length - 1;
    slider.setAttribute("aria-valuetext", `places ${state.at} to ${last}`);
    pairs.forEach((pair, place) => {
      const n = place - state.at;
      const inside = n >= 0 && n < letters.length;
      pair.forEach((cell, text) => {
        const letter = found[text][place];
        const tried = inside && letter === null ? [letters, reads][text][n] : null;
        cell.textContent = letter !== null ? shown(letter) : tried !== null ? shown(tried) : " ";
        cell.className = (tried !== null ? "tried " : "") + (letter !== null ? "kept" : "");
      });
    });
    const quoted = (parts) => `“${parts.map(shown).join("")}”`;
    keep.disabled = letters.length === 0;
    said.textContent =
      state.news ||
      (letters.length === 0
        ? "Type a word."
        : `Places ${state.at} to ${last}: if one text has ${quoted(letters)}, the other has ${quoted(reads)}.`);
  }

  place.replaceChildren(
    made("label", {}, "Your word, with its spaces: ", word),
    made("label", { className: "row" }, "Slide it along: ", slider),
    group("Text 1 above text 2 (␣ is a space, · no letter)", texts),
    said,
    keep,
  );
  show();
