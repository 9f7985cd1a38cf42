// What every explorer is made of. Its own script follows, inside the same braces: it reads `data`, and
// fills `place`.
for (const place of document.querySelectorAll(".sd-this:not([data-alive])")) {
  place.dataset.alive = "yes"; // a cell that runs again makes a new place
  const data = JSON.parse(place.dataset.answers);
  const alone = Math.random(); // for names that no other explorer of the page may have
  // JupyterLab would give the focus to its active cell, and the key would move nothing here.
  place.addEventListener("keydown", (event) => event.stopPropagation());

  const made = (name, options = {}, ...children) => {
    const element = Object.assign(document.createElement(name), options);
    element.append(...children);
    // Notebook 7 hears a key before this page does, and looks from the focused element upwards.
    element.dataset.lmSuppressShortcuts = "true";
    return element;
  };
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  const printed = (letter) => (letter === " " ? "␣" : letter > " " && letter <= "~" ? letter : "·");
  const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const group = (title, ...children) =>
    made("fieldset", {}, made("legend", { textContent: title }), ...children);

  // A sentence that a screen reader reads aloud when it changes.
  const live = () => {
    const said = made("p");
    said.setAttribute("aria-live", "polite");
    return said;
  };

  // One tab stop for a row of buttons; arrows, Home and End lead from one to the next.
  function walk(row, length, choose) {
    for (let n = 0; n < length; n++) {
      const button = made("button", { type: "button", tabIndex: n === 0 ? 0 : -1 });
      button.addEventListener("click", () => choose(n));
      row.append(button);
    }
    row.addEventListener("keydown", (event) => {
      const all = [...row.children];
      const columns = getComputedStyle(row).gridTemplateColumns.split(" ").length;
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
      const at = all.indexOf(event.target);
      let to = at + (steps[event.key] ?? 0);
      if (event.key === "Home") to = 0;
      if (event.key === "End") to = length - 1;
      if (to === at || !all[to]) return;
      event.preventDefault();
      all.forEach((button, n) => (button.tabIndex = n === to ? 0 : -1));
      all[to].focus();
    });
  }

  // The chosen button of a row; with -1, none. A tab leads to it.
  function press(row, chosen) {
    [...row.children].forEach((button, n) => {
      button.classList.toggle("chosen", n === chosen);
      button.tabIndex = n === Math.max(chosen, 0) ? 0 : -1;
      button.setAttribute("aria-pressed", String(n === chosen));
    });
  }

  // A row of bytes, of which one is chosen, and a row with the eight bits of a byte.
  function showBytes(row, name, bytes, chosen, isChanged) {
    [...row.children].forEach((button, n) => {
      button.textContent = hex(bytes[n]);
      button.className = isChanged(n) ? "changed" : "";
      button.setAttribute("aria-label", `${name} ${n}: ${hex(bytes[n])}${isChanged(n) ? ", changed" : ""}`);
    });
    press(row, chosen);
  }
  function showBits(row, byte, isFlipped) {
    [...row.children].forEach((button, n) => {
      button.textContent = (byte >> (7 - n)) & 1;
      button.className = isFlipped(n) ? "changed" : "";
      button.setAttribute("aria-pressed", String(isFlipped(n)));
      button.setAttribute("aria-label", `bit ${n}: ${button.textContent}${isFlipped(n) ? ", flipped" : ""}`);
    });
  }

  // Radio buttons: one of these names.
  const choices = (names, chosen, choose) =>
    names.map((name) => {
      const radio = made("input", { type: "radio", name: `${place.className} ${alone} ${names[0]}`, checked: name === chosen });
      radio.addEventListener("change", () => choose(name));
      return made("label", {}, radio, ` ${name}`);
    });

