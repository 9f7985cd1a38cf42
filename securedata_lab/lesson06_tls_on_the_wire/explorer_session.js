  const KINDS = {
    clear: "in the clear",
    named: "in the clear",
    sealed: "encrypted, not opened",
    opened: "encrypted, and opened by your lines",
  };
  const REST = "all else in the clear";
  const said = live();
  const state = { side: "client" };
  const radios = choices(["client", "server"], "client", (side) => ((state.side = side), show()));

  // For each side: its bytes, of which a click lights a part; and its parts by name, for the keyboard.
  // What has no name of its own is one part there: the last.
  const sides = Object.fromEntries(Object.entries(data).map(([side, parts]) => {
    const listed = parts.filter((part) => part.kind !== "clear");
    const bytes = made("div", { className: "bytes", tabIndex: 0 }); // it scrolls, also by keys
    bytes.setAttribute("role", "region");
    bytes.setAttribute("aria-label", `all bytes of the ${side}`);
    const names = made("div", { className: "names" });
    const it = { bytes, names, listed, part: listed[0] };
    for (const part of parts) {
      const more = part.length - part.hex.split(" ").length;
      const hex = more > 0 ? `${part.hex} … ${more} more` : part.hex;
      part.shown = made("span", { className: part.kind, textContent: part.text ?? hex });
      part.shown.addEventListener("click", () => ((it.part = part), show()));
      bytes.append(part.shown, " ");
    }
    walk(names, listed.length + 1, (n) => ((it.part = listed[n]), show()));
    [...names.children].forEach((button, n) => (button.textContent = listed[n]?.name ?? REST));
    return [side, it];
  }));

  const legend = made("p", { className: "legend" });
  for (const [kind, words] of [["clear", "in the clear"], ["named", "in the clear, by name"], ["sealed", "encrypted"], ["opened", "opened"]])
    legend.append(made("span", { className: kind, textContent: words }), " ");
  const dump = made("div");
  const fields = made("div");

  function show() {
    const { bytes, names, listed, part } = sides[state.side];
    const at = part && part.kind !== "clear" ? listed.indexOf(part) : listed.length;
    press(names, at);
    for (const other of data[state.side]) {
      other.shown.classList.toggle("lit", part ? other === part : other.kind === "clear");
    }
    if (dump.firstChild !== bytes) {
      dump.replaceChildren(bytes);
      fields.replaceChildren(names);
    }
    if (part) bytes.scrollTop = part.shown.offsetTop - 24; // the lit bytes come into view
    said.textContent = part
      ? `${part.name}. ${part.sentence ?? part.why ?? ""} ${count(part.length, "byte")} from byte ${part.start} on, ${KINDS[part.kind]}.`
      : "The headers of all records, lengths, and other fields of the hello: everybody reads them.";
  }

  place.replaceChildren(group("Who sends", ...radios), group("Parts", fields), said, legend, group("All bytes, in their order", dump));
  show();
