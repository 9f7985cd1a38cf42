  const { text, modes } = data;
  const bytesOf = (hex) => hex.match(/../g).map((digits) => parseInt(digits, 16));
  // `flipped`: the bit of `part` that is flipped, counted over all its bytes.
  const state = { mode: "CBC", part: "ciphertext", byte: 0, flipped: null };

  const parts = made("div");
  const bits = made("div", { className: "cells bits" });
  const read = made("div", { className: "cells" });
  const said = live();
  const undo = made("button", { type: "button", className: "wide", textContent: "Undo" });
  const rows = {}; // of bytes, by part

  const radios = choices(Object.keys(modes), state.mode, (mode) => ((state.mode = mode), build(), show()));

  function build() {
    const names = modes[state.mode].map((part) => part.name);
    if (!names.includes(state.part)) Object.assign(state, { part: "ciphertext", byte: 0, flipped: null });
    for (const name of Object.keys(rows)) delete rows[name];
    const groups = modes[state.mode].map(({ name, hex }) => {
      rows[name] = made("div", { className: "cells" });
      walk(rows[name], hex.length / 2, (n) => {
        if (name !== state.part) state.flipped = null; // one bit at a time
        Object.assign(state, { part: name, byte: n });
        show();
      });
      return group(name === "ciphertext" ? "Ciphertext, in hex" : name[0].toUpperCase() + name.slice(1), rows[name]);
    });
    parts.replaceChildren(...groups);
  }
  walk(bits, 8, (n) => {
    const bit = 8 * state.byte + n;
    state.flipped = state.flipped === bit ? null : bit;
    show();
  });
  undo.addEventListener("click", () => ((state.flipped = null), show(), bits.children[0].focus()));

  function show() {
    for (const { name, hex } of modes[state.mode]) {
      const sent = bytesOf(hex);
      const here = name === state.part && state.flipped !== null;
      if (here) sent[state.flipped >> 3] ^= 0x80 >> (state.flipped & 7);
      [...rows[name].children].forEach((button, n) => {
        const changed = here && state.flipped >> 3 === n;
        const chosen = name === state.part && n === state.byte;
        button.textContent = sent[n].toString(16).padStart(2, "0");
        button.className = (changed ? "changed " : "") + (chosen ? "chosen" : "");
        button.tabIndex = n === (name === state.part ? state.byte : 0) ? 0 : -1;
        button.setAttribute("aria-pressed", String(chosen));
        button.setAttribute("aria-label", `${name} byte ${n}: ${button.textContent}${changed ? ", changed" : ""}`);
      });
      if (name !== state.part) continue;
      [...bits.children].forEach((button, n) => {
        const changed = state.flipped === 8 * state.byte + n;
        button.textContent = (sent[state.byte] >> (7 - n)) & 1;
        button.className = changed ? "changed" : "";
        button.tabIndex = n === 0 ? 0 : -1;
        button.setAttribute("aria-pressed", String(changed));
        button.setAttribute("aria-label", `bit ${n}: ${button.textContent}${changed ? ", flipped" : ""}`);
      });
    }
    undo.disabled = state.flipped === null;
    const { reads } = modes[state.mode].find((part) => part.name === state.part);
    const refused = state.flipped !== null && reads === null;
    const values = [...text].map((letter) => letter.charCodeAt(0));
    if (state.flipped !== null && reads !== null) {
      const [start, change] = reads[state.flipped];
      bytesOf(change).forEach((value, n) => (values[start + n] = value));
    }
    const cells = (refused ? [] : values).map((value, n) => {
      const changed = value !== text.charCodeAt(n);
      const shown = value === 32 ? "␣" : value > 32 && value < 127 ? String.fromCharCode(value) : "·";
      return made("span", { textContent: shown, className: changed ? "changed" : "" });
    });
    read.replaceChildren(...cells);
    const count = cells.filter((it) => it.className).length;
    const letter = count === 1 ? "1 letter" : `${count} letters`;
    said.textContent =
      state.flipped === null ? `${state.mode}: choose a byte, then flip one of its bits.`
      : refused ? `${state.mode}: refused. The tag is wrong, and nothing is read.`
      : `${state.mode}: ${letter} changed, and no error.`;
  }

  place.replaceChildren(
    group("Mode", ...radios),
    parts,
    group("Bits of the chosen byte", bits),
    group("The receiver reads", read),
    said,
    undo,
  );
  build();
  show();
