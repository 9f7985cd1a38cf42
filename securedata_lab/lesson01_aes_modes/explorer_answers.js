  const { kinds, answers } = data;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const MARKS = ["·", "✓", "?"]; // the usual answer, and rare ones
  const grid = made("div", { className: "cells" });
  const said = live();
  const again = made("button", { type: "button", className: "wide", textContent: "Fill it again" });

  walk(grid, answers.length, (n) => {
    [...grid.children].forEach((button, at) => (button.tabIndex = at === n ? 0 : -1));
    said.textContent = `Guess ${hex(n)}: ${kinds[answers[n]]}`;
  });
  [...grid.children].forEach((button, n) => button.setAttribute("aria-label", `guess ${hex(n)}: ${kinds[answers[n]]}`));

  function fill(until) {
    [...grid.children].forEach((button, n) => {
      const asked = n < until;
      button.textContent = asked ? MARKS[Math.min(answers[n], 2)] : "";
      button.className = asked && answers[n] > 0 ? "changed" : "";
    });
  }
  let playing = 0;
  function play() {
    const mine = ++playing;
    const started = performance.now();
    const step = (now) => {
      if (mine !== playing) return;
      const until = still ? answers.length : Math.floor((now - started) / 12);
      fill(until);
      if (until < answers.length) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
  again.addEventListener("click", play);
  said.textContent = "Choose a guess to read its answer.";
  place.replaceChildren(group("The byte that was guessed, row by row: 00 to ff", grid), said, again);
  play();
