// The page: store a text, flip bits of the four fields, hand them back in, see them refused.
//
// It is a client like any other: it holds no key, and asks the service that it came from.
// Whatever was typed or answered is put into the page as text (textContent), never as HTML.

const FIELDS = ["nonce", "encrypted_data", "tag", "signature"];
const MOST_BYTES_SHOWN = 256; // of a field; the rest is sent all the same
const MOST_DIGITS_SHOWN = 16; // of hex in "Sent and answered"
const MOST_CHARACTERS_SHOWN = 200; // of other text there
const PATIENCE_MS = 40_000; // the service itself may wait 30 s for its database
const LOG_EVERY_MS = 1000;
const GONE = "The service does not answer. Is it still running?";

const element = (id) => document.getElementById(id);

// What /store answered: for each field its bytes as they came, and as they are now.
let fields = {};

// Asking the service

let asking = false;

// One question at a time: a second click on a button that waits is not a second wish.
async function oneAtATime(question) {
  if (asking) return;
  asking = true;
  try {
    await question();
  } finally {
    asking = false;
  }
  await showLog();
}

// Returns the JSON that was answered with 200; throws an Error whose message is a sentence.
async function ask(path, body) {
  const headers = { "Content-Type": "application/json", ...authorization() };
  const sent = `POST /${path}\n${shortened(body)}`;
  const show = (answered) => (element("exchange").textContent = `${sent}\n\n${answered}`);
  show("…");
  markTheLog();
  let response, answer;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    answer = await response.json();
  } catch {
    const words = response ? `The answer is not JSON: status ${response.status}.` : GONE;
    show(words);
    throw new Error(words);
  }
  show(`${response.status} ${response.statusText}\n${shortened(answer)}`);
  if (!response.ok) throw new Error(sentence(response, answer));
  return answer;
}

function authorization() {
  const token = element("token").value.trim();
  if (token === "") return {};
  // Anything else cannot stand in a header, and fetch would say so in words of its own.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error("A token is ASCII, and has no spaces.");
  return { Authorization: `Bearer ${token}` };
}

function sentence(response, answer) {
  if (response.status === 401) askForToken();
  const seconds = response.headers.get("Retry-After");
  const later = seconds ? ` (Retry-After: ${seconds} s)` : "";
  const outcome = response.status < 500 ? "Refused" : "Failed";
  return `${outcome} with ${response.status}: ${answer?.error}${later}`;
}

function askForToken() {
  element("token-box").open = true;
  element("token").focus();
}

// JSON to read, in which long strings are cut.
function shortened(body) {
  const cut = (name, value) => {
    if (typeof value !== "string") return value;
    const most = /^[0-9a-f]*$/.test(value) ? MOST_DIGITS_SHOWN : MOST_CHARACTERS_SHOWN;
    return value.length <= most ? value : `${value.slice(0, most)}…`;
  };
  return JSON.stringify(body, cut, 2);
}

// 1. Store

async function store() {
  try {
    const answer = await ask("store", { data: element("text").value });
    fields = Object.fromEntries(FIELDS.map((name) => [name, fieldFromHex(answer.data[name])]));
    say("stored", `Stored as record ${answer.record_id}, owner ${answer.owner}.`, "good");
    showFields();
  } catch (error) {
    say("stored", error.message, "bad");
  }
}

function fieldFromHex(hex) {
  const original = Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  return { original, bytes: original.slice() };
}

// 2. Flip a bit

function showFields() {
  element("fields").replaceChildren(...FIELDS.map(fieldRow));
  element("intro").hidden = true;
  element("tamper").hidden = element("ask").hidden = false;
  say("flipped", "Nothing is changed.");
  say("retrieved", "");
}

// A field is its name, its size or a button to restore it, and a button for each byte.
function fieldRow(name) {
  const length = fields[name].original.length;
  const shown = Math.min(length, MOST_BYTES_SHOWN);
  const rest = create("p", { class: "hint rest" }, unshown(length - shown, shown));
  return create("div", { class: "field" }, nameOf(name, length), bytesOf(name, shown), rest);
}

function nameOf(name, length) {
  const title = create("h3", { id: `${name}-title` }, name);
  const size = create("p", { id: `${name}-size`, class: "hint" }, plural(length, "byte"));
  const restore = create(
    "button",
    { id: `${name}-restore`, type: "button", class: "quiet", "aria-label": `Restore ${name}` },
    "Restore",
  );
  restore.hidden = true;
  restore.addEventListener("click", () => restoreField(name));
  return create("div", { class: "name" }, title, size, restore);
}

function bytesOf(name, shown) {
  const bytes = create("div", {
    id: name,
    class: "bytes",
    role: "group",
    "aria-labelledby": `${name}-title`,
    "aria-describedby": "hint",
  });
  for (let place = 0; place < shown; place++) bytes.append(byteButton(name, place));
  bytes.addEventListener("keydown", (event) => pressed(event, bytes, name));
  return bytes;
}

function unshown(rest, shown) {
  if (shown === 0) return "Empty: there is no byte to flip.";
  return rest > 0 ? `and ${plural(rest, "more byte")}, not shown here, but sent as they are` : "";
}

function byteButton(name, place) {
  // One tab stop a field: the arrow keys lead from byte to byte.
  const button = create("button", { type: "button", tabindex: place === 0 ? 0 : -1 });
  button.addEventListener("click", () => flip(name, place, 0));
  button.addEventListener("focus", () => makeTabStop(button));
  showByte(button, name, place);
  return button;
}

function showByte(button, name, place) {
  const { original, bytes } = fields[name];
  const [was, is] = [hex(original[place]), hex(bytes[place])];
  const changed = was !== is;
  const label = `byte ${place + 1} of ${bytes.length}: ${is}${changed ? `, was ${was}` : ""}`;
  button.textContent = is;
  button.className = changed ? "changed" : "";
  button.title = changed ? `${was} → ${is}` : "";
  button.setAttribute("aria-label", label);
}

function flip(name, place, bit) {
  const { bytes } = fields[name];
  const was = bytes[place];
  bytes[place] ^= 1 << bit;
  const is = bytes[place];
  const change = `${hex(was)} → ${hex(is)} (${binary(was)} → ${binary(is)})`;
  showChange([name], `${name}, byte ${place + 1}: ${change}.`);
}

function restoreField(name) {
  restore([name]);
  element(name).querySelector("[tabindex='0']").focus(); // the button that was pressed goes away
  showChange([name], `${name} is as it was.`);
}

function restoreAll() {
  restore(FIELDS);
  showChange(FIELDS, "All is as it was.");
}

function restore(names) {
  for (const name of names) fields[name].bytes.set(fields[name].original);
}

function showChange(names, words) {
  names.forEach(showField);
  const bits = flippedBits(FIELDS);
  say("flipped", bits > 1 ? `${words} ${changes()}` : words, bits > 0 ? "changed" : "");
  say("retrieved", ""); // what was answered before is not about this
}

function showField(name) {
  const changed = flippedBits([name]) > 0;
  element(`${name}-restore`).hidden = !changed;
  element(`${name}-size`).hidden = changed;
  Array.from(element(name).children).forEach((button, place) => showByte(button, name, place));
}

// "2 bits are flipped."
function changes() {
  const bits = flippedBits(FIELDS);
  return bits === 1 ? "1 bit is flipped." : `${bits} bits are flipped.`;
}

function flippedBits(names) {
  let bits = 0;
  for (const { original, bytes } of names.map((name) => fields[name])) {
    bytes.forEach((byte, place) => (bits += ones(byte ^ original[place])));
  }
  return bits;
}

// Keys

function pressed(event, bytes, name) {
  const buttons = Array.from(bytes.children);
  const place = buttons.indexOf(event.target);
  if (place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-7]$/.test(event.key)) return flip(name, place, Number(event.key));
  const steps = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -perRow(buttons),
    ArrowDown: perRow(buttons),
    Home: -place,
    End: buttons.length - 1 - place,
  };
  if (!(event.key in steps)) return;
  event.preventDefault(); // or the page would scroll
  buttons[place + steps[event.key]]?.focus();
}

function perRow(buttons) {
  return buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length;
}

function makeTabStop(button) {
  for (const other of button.parentElement.children) other.tabIndex = -1;
  button.tabIndex = 0;
}

// 3. Retrieve

async function retrieve() {
  // Counted now: the user may flip more bits before the answer comes.
  const sent = flippedBits(FIELDS) === 0 ? "Nothing is changed." : changes();
  const inHex = (name) => Array.from(fields[name].bytes, hex).join("");
  try {
    const body = Object.fromEntries(FIELDS.map((name) => [name, inHex(name)]));
    const answer = await ask("retrieve", body);
    const attributes = { dir: "auto", tabindex: 0, "aria-label": "The text" };
    say("retrieved", `${sent} Returned. ${answer.signature_status}`, "good");
    element("retrieved").append(create("blockquote", attributes, answer.decrypted_data));
  } catch (error) {
    say("retrieved", `${sent} ${error.message}`, "bad");
  }
}

// The log

let logIsRefused = false;
let shownLog = "";
let newestLine = 0; // its number
let lineBefore = Infinity; // the newest line when something was asked; what is newer is marked

function markTheLog() {
  lineBefore = newestLine;
}

async function showLog() {
  if (logIsRefused) return;
  let response, answer;
  try {
    response = await fetch("log", { signal: AbortSignal.timeout(PATIENCE_MS) });
    answer = response.ok ? await response.text() : (await response.json()).error;
  } catch {
    element("log-note").textContent = GONE;
    return;
  }
  logIsRefused = !response.ok;
  element("log-note").textContent = response.ok ? "" : answer;
  element("log").hidden = !response.ok;
  if (response.ok) showLines(answer);
}

function showLines(text) {
  if (text === shownLog) return; // so that nobody's place in it is lost
  shownLog = text;
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  newestLine = lines.at(-1)?.number ?? 0;
  const item = ({ number, line }) =>
    create("li", { value: number, class: number > lineBefore ? "new" : "" }, line);
  element("log").replaceChildren(...lines.map(item));
  element("log").scrollTop = element("log").scrollHeight;
}

async function followTheLog() {
  while (!logIsRefused) {
    if (!document.hidden) await showLog();
    await new Promise((done) => setTimeout(done, LOG_EVERY_MS));
  }
}

// Small things

// A new element. Children that are strings become text.
function create(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function say(id, words, mood = "") {
  element(id).textContent = words;
  element(id).dataset.mood = mood;
}

const hex = (byte) => byte.toString(16).padStart(2, "0");
const binary = (byte) => byte.toString(2).padStart(8, "0");
const ones = (byte) => binary(byte).replaceAll("0", "").length;
const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

element("store").addEventListener("click", () => oneAtATime(store));
element("retrieve").addEventListener("click", () => oneAtATime(retrieve));
element("restore-all").addEventListener("click", restoreAll);
followTheLog();
