  const { parts, blocks, steps } = data;
  const BITS = 128;
  const bitsOf = (hex) =>
    [...hex].flatMap((digit) => [8, 4, 2, 1].map((weight) => (parseInt(digit, 16) & weight ? 1 : 0)));
  const sum = (left, right) => left.map((bit, n) => bit ^ right[n]);
  const nothing = Array(BITS).fill(0);
  const state = { part: "M", byte: 0, flips: { C: new Set(), M: new Set() } };

  const bytes = made("div", { className: "cells" });
  const bits = made("div", { className: "cells bits" });
  const said = live();
  const undo = made("button", { type: "button", className: "wide", textContent: "Undo all" });
  const titles = { ghash: "GHASH of C", mask: "⊕ mask M", tag: "= tag T", other: "T′, of another order, same nonce", both: "T ⊕ T′" };
  const shown = {};
  const strip = (name) => group(titles[name], (shown[name] = made("div", { className: "strip" })));
  const radios = choices(Object.values(parts), parts[state.part], (name) => {
    state.part = Object.keys(parts).find((part) => parts[part] === name);
    show();
  });

  walk(bytes, BITS / 8, (n) => ((state.byte = n), show()));
  walk(bits, 8, (n) => {
    const flips = state.flips[state.part];
    const bit = 8 * state.byte + n;
    flips.has(bit) ? flips.delete(bit) : flips.add(bit);
    show();
  });
  undo.addEventListener("click", () => {
    Object.values(state.flips).forEach((flips) => flips.clear());
    show();
    bits.children[0].focus();
  });

  const own = (part) => nothing.map((_, bit) => Number(state.flips[part].has(bit)));
  // What the flipped bits of C add to GHASH.
  const added = () => [...state.flips.C].map((bit) => bitsOf(steps[bit])).reduce(sum, nothing);

  function fill(name, words, before, change) {
    const count = change.filter(Boolean).length;
    shown[name].setAttribute("role", "img");
    shown[name].setAttribute("aria-label", `${words}: ${count} of ${BITS} bits changed`);
    shown[name].previousSibling.textContent = `${titles[name]} · ${count} of ${BITS} bits changed`;
    shown[name].replaceChildren(
      ...sum(before, change).map((bit, n) =>
        made("i", { className: (bit ? "one" : "zero") + (change[n] ? " changed" : "") }),
      ),
    );
    return count;
  }

  function show() {
    const { part, byte, flips } = state;
    const block = sum(bitsOf(blocks[part]), own(part)).join("").match(/.{8}/g).map((eight) => parseInt(eight, 2));
    showBytes(bytes, "byte", block, byte, (n) => [...flips[part]].some((bit) => bit >> 3 === n));
    showBits(bits, block[byte], (n) => flips[part].has(8 * byte + n));
    const hash = added();
    const counts = [
      fill("ghash", "GHASH", bitsOf(data.ghash), hash),
      fill("mask", "mask M", bitsOf(blocks.M), own("M")),
      fill("tag", "tag T", sum(bitsOf(data.ghash), bitsOf(blocks.M)), sum(hash, own("M"))),
      fill("other", "T′", sum(sum(bitsOf(data.ghash), bitsOf(blocks.M)), bitsOf(data.difference)), own("M")),
      fill("both", "T ⊕ T′", bitsOf(data.difference), hash),
    ];
    undo.disabled = !Object.values(flips).some((it) => it.size);
    said.textContent = undo.disabled
      ? "Choose C or M, then a byte, then a bit."
      : `Changed bits: GHASH ${counts[0]}, mask ${counts[1]}, tag ${counts[2]}, T′ ${counts[3]}, T ⊕ T′ ${counts[4]}.`;
  }

  place.replaceChildren(
    group("Flip a bit of", ...radios),
    group("Its bytes, in hex", bytes),
    group("Bits of the chosen byte", bits),
    ...Object.keys(titles).map(strip),
    said,
    undo,
  );
  show();
