"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const [remarks, remark] = ["remarks", "remark"].map(by); // they move from card to card
const place = `securedata-marking:${location.pathname}`;
const kept = { points: {}, remarks: {} }; // by the key of an answer, of a student
const items = [];
let at = -1; // nothing is shown yet
let half = false; // "." was pressed
let isKept = false;
let isSaved = true;

for (const column of data.columns) {
  for (const group of column.groups) {
    const same = group.map((item) => ({ ...item, column }));
    same.forEach((item) => items.push(Object.assign(item, { same })));
  }
}

const isLeft = (item) => item.column.possible > 0 && !(item.key in kept.points);
const nameOf = (item) => data.table[item.row][0];

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

/* What was typed stays in this browser, if it lets us. */
function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(kept));
    isKept = true;
  } catch {
    isKept = false;
  }
  by("kept").className = isKept ? "" : "lost";
  by("kept").textContent = isKept
    ? "What you type is kept in this browser."
    : "This browser keeps nothing: save the table before you close the page.";
}

function remember() {
  try {
    const before = JSON.parse(localStorage.getItem(place));
    Object.assign(kept.points, before?.points);
    Object.assign(kept.remarks, before?.remarks);
  } catch {
    // keep() says so
  }
  keep();
}

/* What is seen. */

function card(item) {
  const made = element("article", "", { "aria-label": nameOf(item) });
  const who = element("p", "", { class: "who" });
  who.append(element("b", nameOf(item), { dir: "auto" }));
  if (item.state) {
    who.append(element("span", item.state, { class: `state ${item.state}` }));
  }
  who.append(element("span", item.words, { class: "faint", dir: "auto" }));
  const points = element("div", "", { class: "points", role: "group", "aria-label": "Points" });
  for (let value = 0; value <= item.column.possible; value += 0.5) {
    const button = element("button", value, { type: "button" });
    button.addEventListener("click", () => (go(items.indexOf(item)), give(value)));
    points.append(button);
  }
  const answer = element("blockquote", item.answer, { dir: "auto", tabindex: 0 });
  made.append(who, ...(item.answer ? [answer] : []), points);
  made.addEventListener("click", (event) => event.target.closest("button, #remarks") ?? go(items.indexOf(item)));
  return made;
}

function mark(element, name, isSo) {
  isSo ? element.setAttribute(name, "true") : element.removeAttribute(name);
}

function show() {
  const item = items[at];
  const left = items.filter(isLeft).length;
  const all = items.filter((one) => one.column.possible > 0).length;
  by("progress").max = all || 1;
  by("progress").value = all ? all - left : 1;
  by("left").textContent = left ? `${left} of ${all} left` : "nothing is left";
  data.columns.forEach((column, n) => {
    const missing = items.filter((one) => one.column === column && isLeft(one)).length;
    const button = by("questions").children[n];
    button.textContent = column.heading + (missing ? ` · ${missing}` : " ✓");
    button.className = missing ? "" : "done";
    mark(button, "aria-current", item?.column === column);
  });
  remarks.hidden = !item;
  by("question").textContent = item ? item.column.question : "There is nothing to mark.";
  by("heading").textContent = item ? `${item.column.heading}, ${item.column.worth}` : "";
  by("model").hidden = !item?.column.model;
  by("same").hidden = !(item?.same.length > 1);
  if (!item) {
    return;
  }
  by("model").lastChild.textContent = item.column.model;
  if (by("cards").item !== item.same) {
    by("cards").replaceChildren(...item.same.map(card));
    by("cards").item = item.same;
    scrollTo(0, 0);
  }
  item.same.forEach((one, n) => {
    const shown = by("cards").children[n];
    mark(shown, "aria-current", one === item);
    shown.querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", kept.points[one.key] === Number(button.textContent));
    });
  });
  const current = by("cards").children[item.same.indexOf(item)];
  current.append(remarks);
  current.scrollIntoView({ block: "nearest" });
  remark.value = kept.remarks[item.student] ?? "";
  if (document.activeElement === document.body) {
    by("question").focus({ preventScroll: true }); // for those who hear the page
  }
}

/* What a person does. */

function say(text) {
  by("said").textContent = text;
}

function howMany() {
  const left = items.filter(isLeft).length;
  return left ? `${left} left.` : "All are marked.";
}

function go(place) {
  at = Math.max(0, Math.min(place, items.length - 1));
  half = false;
  show();
}

function changed() {
  isSaved = false;
  keep();
}

function give(points) {
  const item = items[at];
  const value = points + (half ? 0.5 : 0);
  half = false;
  if (value > item.column.possible) {
    say(`${item.column.heading}: ${item.column.worth}.`);
    return;
  }
  kept.points[item.key] = value;
  changed();
  go(at + 1);
  say(`${nameOf(item)}: ${value}. ${howMany()}`);
}

function clear() {
  delete kept.points[items[at].key];
  changed();
  show();
  say(`${nameOf(items[at])}: no points. ${howMany()}`);
}

/* Of a hand-in that is no notebook, each answer would be a 0 to type. */
function none() {
  const name = nameOf(items[at]);
  items.filter((one) => one.row === items[at].row && isLeft(one)).forEach((one) => (kept.points[one.key] = 0));
  changed();
  next();
  say(`${name}: 0 for all that was left. ${howMany()}`);
}

function question(step) {
  const column = data.columns[data.columns.indexOf(items[at].column) + step];
  go(column ? items.findIndex((one) => one.column === column) : at);
}

function next() {
  const later = items.findIndex((one, n) => n > at && isLeft(one));
  go(later < 0 ? Math.max(items.findIndex(isLeft), 0) : later);
}

function save() {
  const table = data.table.map((row) => [...row]);
  const place = table[0].indexOf("remark");
  for (const item of items) {
    table[item.row][item.column.at] = kept.points[item.key] ?? "";
    // A blank in front: no spreadsheet takes a remark for a formula.
    const text = kept.remarks[item.student] ?? "";
    table[item.row][place] = text.replace(/(^|;)(?="*[=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$1 ");
  }
  const quoted = (cell) => (/[",;\t\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
  const text = table.map((row) => `${row.map(quoted).join(",")}\n`).join("");
  const link = element("a", "", { download: data.file });
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.click();
  isSaved = true;
  say(`Saved as ${data.file}. ${howMany()} Put it in place of the empty table. Then: securedata grade --answers ${data.file}`);
}

const KEYS = {
  ArrowRight: (event) => (event.shiftKey ? question(1) : go(at + 1)),
  ArrowLeft: (event) => (event.shiftKey ? question(-1) : go(at - 1)),
  Enter: next,
  Backspace: clear,
  ".": () => say((half = true) && "½ and …"),
  ",": () => KEYS["."](),
  r: () => remark.focus(),
  s: save,
  z: none,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !items.length) {
    return;
  }
  if (event.target === remark) {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      remark.blur();
    }
    return;
  }
  const isOn = event.target.closest("button") && event.key === "Enter";
  const act = /^\d$/.test(event.key) ? () => give(Number(event.key)) : KEYS[event.key.toLowerCase()] ?? KEYS[event.key];
  // A key that is held down marks no second answer.
  if (act && !isOn && !(event.repeat && !event.key.startsWith("Arrow"))) {
    event.preventDefault();
    act(event);
  }
});

remark.addEventListener("input", () => {
  kept.remarks[items[at].student] = remark.value.replace(/\s+/g, " ");
  changed();
});
by("save").addEventListener("click", save);
window.addEventListener("beforeunload", (event) => {
  if (!isSaved && !isKept) {
    event.preventDefault();
  }
});

data.columns.forEach((column) => {
  const button = element("button", "", { type: "button" });
  button.addEventListener("click", () => go(items.findIndex((one) => one.column === column)));
  by("questions").append(button);
});
remember();
next();
