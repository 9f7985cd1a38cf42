// The server's log, followed for as long as it may be seen.

import { create, element, words } from "./elements.js";

const PATIENCE_MS = 5000;
const LOG_EVERY_MS = 1000;

let logIsRefused = false;
let shownLog = "";
let newestLine = 0; // its number
let lineBefore = Infinity; // the newest line when something was asked; what is newer is marked

export function markTheLog() {
  lineBefore = newestLine;
}

export async function showLog() {
  if (logIsRefused) return;
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

export async function followTheLog() {
  while (!logIsRefused) {
    if (!document.hidden) await showLog();
    await new Promise((done) => setTimeout(done, LOG_EVERY_MS));
  }
}
