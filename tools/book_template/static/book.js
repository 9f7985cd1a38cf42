"use strict";

// KaTeX shows each formula, also those in folds. Screen readers get MathML.
for (const it of document.querySelectorAll(".formula")) {
  const displayMode = it.tagName === "DIV";
  katex.render(it.textContent, it, { displayMode, throwOnError: false });
  if (displayMode) it.tabIndex = 0; // on a phone a long one scrolls, by keys as well
}

// A fold is called what stands on it, not "Toggle hidden content".
for (const it of document.querySelectorAll("summary[aria-label]")) it.removeAttribute("aria-label");

// An empty corner of a table is no heading.
for (const it of document.querySelectorAll("th"))
  if (!it.textContent.trim()) it.replaceWith(document.createElement("td"));

// An arrow of the sidebar is called what it unfolds. The page that is open is in sight there.
for (const it of document.querySelectorAll(".bd-sidebar-primary summary"))
  it.ariaLabel = `Pages of: ${it.closest("li").querySelector("a").textContent.trim()}`;
addEventListener("load", () => {
  const open = [...document.querySelectorAll(".bd-sidebar-primary a.current")].pop();
  open?.scrollIntoView({ block: "nearest" });
});

// Paper is light, also that of a dark screen.
const root = document.documentElement.dataset;
let shown;
addEventListener("beforeprint", () => { shown = root.theme; root.theme = "light"; });
addEventListener("afterprint", () => { root.theme = shown; });
