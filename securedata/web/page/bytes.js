// The four fields of a record: bytes to choose, bits to flip, and all of it to undo.

import { counted, create, element, makeTabStop, moveByArrow, say, words } from "./elements.js";

export const FIELDS = ["nonce", "encrypted_data", "tag", "signature"];
const MOST_BYTES_SHOWN = 256; // of a field; the rest is sent all the same

// For each field its bytes as they came, and as they are now.
let fields = {};
// The byte whose bits are shown.
let chosen = {};
// Each change is a list of bytes with what they were before.
let changes = [];

let whenChanged = () => {};

// Empty boxes, as index.html has them: no record is open.
const emptyFields = Array.from(element("fields").children);
const noByte = element("bits-title").textContent;

// Takes and gives the four fields as /store answers them: in hex.

export function openFields(data, onChange) {
  whenChanged = onChange;
  fields = Object.fromEntries(FIELDS.map((name) => [name, fieldFromHex(data[name])]));
  changes = [];
  element("fields").replaceChildren(...FIELDS.map(fieldRow));
  choose(fields.encrypted_data.bytes.length > 0 ? "encrypted_data" : "tag", 0);
  say("flipped", words("unchanged"));
  showUndo();
}

export function closeFields() {
  [fields, chosen, changes] = [{}, {}, []];
  element("fields").replaceChildren(...emptyFields);
  element("bits-title").textContent = noByte;
  for (const bit of element("bits").children) {
    bit.replaceChildren();
    bit.className = "";
  }
  say("flipped", "");
}

export function fieldsInHex() {
  const inHex = (name) => Array.from(fields[name].bytes, hex).join("");
  return Object.fromEntries(FIELDS.map((name) => [name, inHex(name)]));
}

// "2 bits are flipped."
export function whatIsFlipped() {
  const bits = flippedBits(FIELDS);
  return bits === 0 ? words("unchanged") : counted("flipped", bits);
}

function fieldFromHex(digits) {
  const original = Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  return { original, bytes: original.slice() };
}

function flippedBits(names) {
  let bits = 0;
  for (const { original, bytes } of names.map((name) => fields[name])) {
    bytes.forEach((byte, place) => (bits += ones(byte ^ original[place])));
  }
  return bits;
}

// Changes

function flip(name, place, bit) {
  const was = fields[name].bytes[place];
  const is = was ^ (1 << bit);
  choose(name, place);
  change([{ name, place, byte: is }]);
  tell(words("flip", { ...called(name, place), bit, was: hex(was), is: hex(is) }), 1);
}

function restore(names) {
  const places = names.flatMap((name) => changedPlaces(name).map((place) => ({ name, place })));
  change(places.map(({ name, place }) => ({ name, place, byte: fields[name].original[place] })));
}

function restoreField(name) {
  restore([name]);
  element(name).querySelector("[tabindex='0']").focus(); // the button that was pressed goes away
  tell(words("field_restored", { name }));
}

function restoreAll() {
  restore(FIELDS);
  tell(words("all_restored"));
}

function undo() {
  const last = changes.pop();
  if (last === undefined) return;
  put(last);
  choose(last[0].name, last[0].place);
  tell(words("undone"));
}

function change(bytes) {
  if (bytes.length === 0) return;
  changes.push(bytes.map(({ name, place }) => ({ name, place, byte: fields[name].bytes[place] })));
  put(bytes);
}

function put(bytes) {
  for (const { name, place, byte } of bytes) fields[name].bytes[place] = byte;
  new Set(bytes.map(({ name }) => name)).forEach(showField);
  showBits();
  showUndo();
  whenChanged();
}

// Adds how many bits are flipped, if they are more than those that the sentence tells of.
function tell(sentence, told = 0) {
  const bits = flippedBits(FIELDS);
  const all = bits > told ? `${sentence} ${whatIsFlipped()}` : sentence;
  say("flipped", all, bits > 0 && "changed");
}

function showUndo() {
  // Not disabled: they would lose the focus.
  element("undo").ariaDisabled = changes.length === 0;
  element("restore-all").ariaDisabled = flippedBits(FIELDS) === 0;
}

function changedPlaces(name) {
  const { original, bytes } = fields[name];
  return Array.from(bytes.keys()).filter((place) => bytes[place] !== original[place]);
}

// Bytes

// A field is its name, its size or a button to restore it, and a button for each byte.
function fieldRow(name) {
  const length = fields[name].original.length;
  const shown = Math.min(length, MOST_BYTES_SHOWN);
  const rest = create("p", { class: "hint rest" }, unshown(length - shown, shown));
  return create("div", { class: "field" }, nameOf(name, length), bytesOf(name, shown), rest);
}

function nameOf(name, length) {
  const title = create("h3", { id: `${name}-title` }, name);
  const size = create("p", { id: `${name}-size`, class: "hint" }, counted("bytes", length));
  const label = words("restore_field", { name });
  const attributes = { id: `${name}-restore`, type: "button", class: "quiet", "aria-label": label };
  const button = create("button", attributes, words("restore"));
  button.hidden = true;
  button.addEventListener("click", () => restoreField(name));
  return create("div", { class: "name" }, title, size, button);
}

function bytesOf(name, shown) {
  const labels = { "aria-labelledby": `${name}-title`, "aria-describedby": "hint" };
  const bytes = create("div", { id: name, class: "bytes", role: "group", ...labels });
  for (let place = 0; place < shown; place++) bytes.append(byteButton(name, place));
  bytes.addEventListener("keydown", pressedOnByte);
  return bytes;
}

function unshown(rest, shown) {
  if (shown === 0) return words("empty_field");
  return rest > 0 ? counted("unshown", rest) : "";
}

function byteButton(name, place) {
  const button = create("button", { type: "button", tabindex: place === 0 ? 0 : -1 });
  button.addEventListener("click", () => choose(name, place)); // not every browser focuses then
  button.addEventListener("focus", () => choose(name, place));
  showByte(button, name, place);
  return button;
}

function showField(name) {
  const changed = changedPlaces(name).length > 0;
  element(`${name}-restore`).hidden = !changed;
  element(`${name}-size`).hidden = changed;
  Array.from(element(name).children).forEach((button, place) => showByte(button, name, place));
}

function showByte(button, name, place) {
  const { original, bytes } = fields[name];
  const [was, is] = [hex(original[place]), hex(bytes[place])];
  const values = { place: place + 1, count: bytes.length, was, is };
  button.textContent = is;
  button.className = was === is ? "" : "changed";
  button.title = was === is ? "" : `${was} → ${is}`;
  button.setAttribute("aria-label", words(was === is ? "byte" : "changed_byte", values));
}

// Bits of the chosen byte, the highest first

function choose(name, place) {
  buttonOf(chosen)?.removeAttribute("aria-current");
  chosen = { name, place };
  buttonOf(chosen).setAttribute("aria-current", "true");
  makeTabStop(buttonOf(chosen));
  if (element("fields").contains(document.activeElement)) buttonOf(chosen).focus();
  showChosen();
  element("bits-title").textContent = words("chosen", called(name, place));
  showBits();
}

// Scrolls only where the chosen byte is not in view, or is below what is sticky.
export const showChosen = () => buttonOf(chosen)?.scrollIntoView({ block: "nearest" });

const buttonOf = ({ name, place }) => element(name)?.children[place];
const called = (name, place) => ({ name, place: place + 1 });

function makeBits() {
  for (let bit = 7; bit >= 0; bit--) {
    const button = create("button", { type: "button", tabindex: bit === 7 ? 0 : -1 });
    button.addEventListener("click", () => flip(chosen.name, chosen.place, bit));
    button.addEventListener("focus", () => makeTabStop(button));
    element("bits").append(button);
  }
  element("bits").addEventListener("keydown", pressedOnBit);
}

function showBits() {
  const { original, bytes } = fields[chosen.name];
  const [was, is] = [binary(original[chosen.place]), binary(bytes[chosen.place])];
  Array.from(element("bits").children).forEach((button, place) => {
    const changed = was[place] !== is[place];
    const values = { bit: 7 - place, was: was[place], is: is[place] };
    button.replaceChildren(create("small", {}, `${7 - place}: `), is[place]);
    button.className = changed ? "changed" : "";
    button.setAttribute("aria-label", words(changed ? "changed_bit" : "bit", values));
  });
}

// Keys

// Tab leads through all fields before the bits, and chooses on its way: so Enter leads there.
function pressedOnByte(event) {
  if (!isPress(event)) return pressed(event, event.target.parentElement);
  event.preventDefault();
  element("bits").querySelector("[tabindex='0']").focus();
}

function pressedOnBit(event) {
  if (event.key === "Escape") return buttonOf(chosen).focus();
  if (isPress(event) && event.repeat) return event.preventDefault(); // held since the byte
  pressed(event, element("bits"));
}

function pressed(event, group) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (/^[0-7]$/.test(event.key)) flip(chosen.name, chosen.place, Number(event.key));
  else moveByArrow(event, group);
}

const isPress = (event) => ["Enter", " "].includes(event.key);

function undoByKey(event) {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
  if (event.shiftKey) return; // that would be to redo
  if (event.target.matches("input, textarea") || element("tamper").hidden) return;
  event.preventDefault();
  undo();
}

const hex = (byte) => byte.toString(16).padStart(2, "0");
const binary = (byte) => byte.toString(2).padStart(8, "0");
const ones = (byte) => binary(byte).replaceAll("0", "").length;

makeBits();
element("undo").addEventListener("click", undo);
element("restore-all").addEventListener("click", restoreAll);
document.addEventListener("keydown", undoByKey);
