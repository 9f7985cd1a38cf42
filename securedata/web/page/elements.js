// What all parts of the page use: its elements, and its words, which are all in index.html.

const language = document.documentElement.lang;
const plurals = new Intl.PluralRules(language);

export const element = (id) => document.getElementById(id);

// The words of this name, with values in place of {these}.
export function words(name, values = {}) {
  const text = element("words").content.querySelector(`[data-name="${name}"]`).textContent;
  return text.replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

export const inDigits = (count) => count.toLocaleString(language);

// The words for one or for many: bits_one, bits_other.
export function counted(name, count) {
  return words(`${name}_${plurals.select(count)}`, { count: inDigits(count) });
}

// A new element. Children that are strings become text, never HTML.
export function create(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function say(id, sentence, mood) {
  element(id).textContent = sentence;
  element(id).dataset.mood = mood || "";
}

export function onEnter(id, action, isMeant = () => true) {
  element(id).addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !isMeant(event)) return;
    event.preventDefault(); // no new line
    action();
  });
}

// A group of buttons has one tab stop: the arrow keys lead from one to the next.
export function makeTabStop(button) {
  for (const other of buttonsOf(button.parentElement)) other.tabIndex = other === button ? 0 : -1;
}

// Says whether the key was one that moves.
export function moveByArrow(event, group) {
  const buttons = buttonsOf(group);
  const place = buttons.indexOf(event.target);
  const row = buttons.filter((it) => it.offsetTop === buttons[0].offsetTop).length;
  const steps = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -row,
    ArrowDown: row,
    Home: -place,
    End: buttons.length - 1 - place,
  };
  if (!(event.key in steps)) return false;
  event.preventDefault(); // or the page would scroll
  buttons[place + steps[event.key]]?.focus();
  return true;
}

const buttonsOf = (group) => Array.from(group.children);
