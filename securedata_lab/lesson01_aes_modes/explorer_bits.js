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
      const chosen = name === state.part ? state.byte : -1;
      showBytes(rows[name], `${name} byte`, sent, chosen, (n) => here && state.flipped >> 3 === n);
      if (chosen >= 0) showBits(bits, sent[chosen], (n) => state.flipped === 8 * chosen + n);
    }
    undo.disabled = state.flipped === null;
    const { reads } = modes[state.mode].find((part) => part.name === state.part);
    const refused = state.flipped !== null && reads === null;
    const heard = [...text];
    if (state.flipped !== null && reads !== null) {
      const [start, change] = reads[state.flipped];
      bytesOf(change).forEach((value, n) => (heard[start + n] = String.fromCharCode(value)));
    }
    const cells = (refused ? [] : heard).map((letter, n) => {
      const changed = letter !== text[n];
      return made("span", { textContent: printed(letter), className: changed ? "changed" : "" });
    });
    read.replaceChildren(...cells);
    const letters = count(cells.filter((it) => it.className).length, "letter");
    said.textContent =
      state.flipped === null ? `${state.mode}: choose a byte, then flip one of its bits.`
      : refused ? `${state.mode}: refused. The tag is wrong, and nothing is read.`
      : `${state.mode}: ${letters} changed, and no error.`;
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
