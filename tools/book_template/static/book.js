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
