  const { text, modes } = data;
  const bytesOf = (hex) => hex.match(/../g).map((digits) => parseInt(digits, 16));
  const state = { mode: "CBC", byte: 0, bit: null }; // bit: of all bits, the one that is flipped

  const bytes = made("div", { className: "cells" });
  const bits = made("div", { className: "cells bits" });
  const read = made("div", { className: "cells" });
  const said = live();
  const undo = made("button", { type: "button", className: "wide", textContent: "Undo" });

  const radios = choices(Object.keys(modes), state.mode, (mode) => ((state.mode = mode), show()));

  walk(bytes, text.length, (n) => ((state.byte = n), show()));
  walk(bits, 8, (n) => {
    const bit = 8 * state.byte + n;
    state.bit = state.bit === bit ? null : bit;
    show();
  });
  undo.addEventListener("click", () => ((state.bit = null), show(), bits.children[0].focus()));

  function show() {
    const { ciphertext, reads } = modes[state.mode];
    const sent = bytesOf(ciphertext);
    if (state.bit !== null) sent[state.bit >> 3] ^= 0x80 >> (state.bit & 7);
    [...bytes.children].forEach((button, n) => {
      const changed = state.bit !== null && state.bit >> 3 === n;
      button.textContent = sent[n].toString(16).padStart(2, "0");
      button.className = (changed ? "changed " : "") + (n === state.byte ? "chosen" : "");
      button.tabIndex = n === state.byte ? 0 : -1;
      button.setAttribute("aria-pressed", String(n === state.byte));
      button.setAttribute("aria-label", `byte ${n}: ${button.textContent}${changed ? ", changed" : ""}`);
    });
    [...bits.children].forEach((button, n) => {
      const changed = state.bit === 8 * state.byte + n;
      button.textContent = (sent[state.byte] >> (7 - n)) & 1;
      button.className = changed ? "changed" : "";
      button.tabIndex = n === 0 ? 0 : -1;
      button.setAttribute("aria-pressed", String(changed));
      button.setAttribute("aria-label", `bit ${n}: ${button.textContent}${changed ? ", flipped" : ""}`);
    });
    undo.disabled = state.bit === null;
    const refused = state.bit !== null && reads === null;
    const values = [...text].map((letter) => letter.charCodeAt(0));
    if (state.bit !== null && reads !== null) {
      const [start, change] = reads[state.bit];
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
      state.bit === null ? `${state.mode}: choose a byte, then a bit.`
      : refused ? `${state.mode}: refused. The tag is wrong, and nothing is read.`
      : `${state.mode}: ${letter} changed, and no error.`;
  }

  place.replaceChildren(
    group("Mode", ...radios),
    group("Ciphertext, in hex", bytes),
    group("Bits of the chosen byte", bits),
    group("The receiver reads", read),
    said,
    undo,
  );
  show();
