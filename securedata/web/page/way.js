// The server's log, followed for as long as it may be seen; and the way of a text through the
// layers, in which the step that refused lights up.

import { create, element, words } from "./elements.js";

const PATIENCE_MS = 5000;
const LOG_EVERY_MS = 1000;

const WAYS = {
  store: ["request", "encrypt", "sign", "database"],
  retrieve: ["request", "database", "verify", "decrypt"],
};
// Which step raises which error: the log names them.
const REFUSED_BY = {
  FormatError: "request",
  TokenError: "request",
  RecordNotFoundError: "database",
  DamagedRecordError: "database",
  StorageError: "database",
  DiskFullError: "database",
  SignatureError: "verify",
  TagError: "decrypt",
};
const ABOUT_THE_REQUEST = [401, 408, 413, 415];
const COMPROMISED = "Invalid signature. Data may be compromised."; // whichever step refused

let logIsRefused = false;
export const isLogRefused = () => logIsRefused;
let shownLog = "";
let newLines = [];
let newestLine = 0; // its number
let lineBefore = Infinity; // the newest line when something was asked; what is newer is marked

export function markTheLog() {
  lineBefore = newestLine;
  newLines = [];
}

export async function showLog() {
  let response, answer;
  try {
    response = await fetch("log", { signal: AbortSignal.timeout(PATIENCE_MS) });
    answer = response.ok ? await response.text() : (await response.json()).error;
  } catch {
    element("log-note").textContent = words("gone");
    return;
  }
  logIsRefused = !response.ok;
  element("log-note").textContent = response.ok ? "" : answer;
  element("log").hidden = !response.ok;
  if (response.ok) showLines(answer);
  else newestLine = Infinity; // of a log that may be another server's one day
}

function showLines(text) {
  if (text === shownLog) return; // so that nobody's place in it is lost
  shownLog = text;
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  newestLine = lines.at(-1)?.number ?? 0;
  newLines = lines.filter(({ number }) => number > lineBefore);
  const item = ({ number, line }) =>
    create("li", { value: number, class: number > lineBefore ? "new" : "" }, line);
  element("log").replaceChildren(...lines.map(item));
  showNewest();
}

function showNewest() {
  element("log").scrollTop = element("log").scrollHeight;
}

new ResizeObserver(showNewest).observe(element("log"));

export async function followTheLog() {
  for (;;) {
    if (!document.hidden && !logIsRefused) await showLog();
    await new Promise((done) => setTimeout(done, LOG_EVERY_MS));
  }
}

// Shows the way of { path, body, status, error }; of { path } alone, or of null, which is nothing sent.
// Returns which step refused, in words.
export function showWay(outcome) {
  const states = outcome?.status ? statesOf(outcome) : {};
  showStates(states);
  element("way-note").textContent = outcome ? noteOn(states, outcome) : words("nothing_sent");
  const refused = document.querySelector("#way [data-state=refused] b");
  return refused ? words("refused_by", { step: refused.textContent }) : "";
}

const noteBefore = element("way-note").textContent;

export function clearWay() {
  showStates({});
  element("way-note").textContent = noteBefore;
}

function showStates(states) {
  for (const step of document.querySelectorAll("#way li")) {
    const state = states[step.dataset.step] ?? "";
    step.dataset.state = state;
    step.querySelector(".for-ears").textContent = state && sayState(state);
  }
}

function sayState(state) {
  if (state === "done") return words("step_done");
  return state === "refused" ? words("step_refused") : words("step_maybe");
}

function statesOf({ path, status, error }) {
  const way = WAYS[path];
  if (status === 200) return Object.fromEntries(way.map((step) => [step, "done"]));
  const refused = way.indexOf(refusedStep(path, status, error));
  const stateAt = (place) => (place < refused ? "done" : place === refused ? "refused" : "");
  const unknown = (place) => (place === 0 ? "done" : "maybe");
  return Object.fromEntries(way.map((step, at) => [step, refused < 0 ? unknown(at) : stateAt(at)]));
}

function refusedStep(path, status, error) {
  if (ABOUT_THE_REQUEST.includes(status)) return "request";
  if (status === 400 && error !== COMPROMISED) return "request";
  return REFUSED_BY[errorInLog(path, status)];
}

// Another client may have been refused at the same time: two different errors say nothing.
function errorInLog(path, status) {
  const ours = new RegExp(`^POST /${path} ${status} (\\w+): `);
  const errors = new Set(newLines.map(({ line }) => line.match(ours)?.[1]).filter(Boolean));
  return errors.size === 1 ? [...errors][0] : undefined;
}

function noteOn(states, outcome) {
  const step = Object.keys(states).find((it) => states[it] === "refused");
  if (!step) return noteWithoutStep(states, outcome.status);
  const note = noteOnStep(step, outcome);
  return outcome.error === COMPROMISED ? `${note} ${words("same_answer")}` : note;
}

function noteWithoutStep(states, status) {
  if (status === undefined) return words("gone");
  return Object.values(states).includes("maybe") ? words("refused_somewhere") : words("no_refusal");
}

function noteOnStep(step, outcome) {
  if (outcome.status === 401) return words("refused_caller");
  if (step === "request") return words("refused_request");
  if (step === "database") return noteOnRow(outcome);
  return step === "verify" ? words("refused_verify") : words("refused_decrypt");
}

function noteOnRow({ path, status, body }) {
  if (status >= 500) return words("failed_database");
  if (errorInLog(path, status) === "DamagedRecordError") return words("damaged_row");
  return words(body.nonce === undefined ? "no_such_id" : "no_such_nonce");
}
