// Asking the service, as any other client would; and showing what was sent and answered, whole.

import { create, element, onEnter, say, words } from "./elements.js";

const PATIENCE_MS = 40_000; // the service itself may wait 30 s for its database
const SHOWN_HEADERS = ["Retry-After", "WWW-Authenticate"];
// What a terminal would not show as itself, or would obey. In JSON each has another spelling.
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

// What became of the last question that was sent: { path, body, status, error }, or { path } alone
// if there was no answer.
export let outcome = null;

// Returns the JSON that was answered with 200; throws an Error whose message is a sentence.
// What is not as in `unflipped`, byte by byte, is marked in the request that is shown.
export async function ask(path, body, unflipped = body) {
  const [sent, before] = [body, unflipped].map((it) => JSON.stringify(it));
  const { response, text } = await send({ method: "POST", path, body: sent, before });
  const answer = answerOf(text);
  outcome = { path, body, status: response.status, error: answer?.error };
  if (answer === undefined) throw new Error(words("not_json", { status: response.status }));
  if (!response.ok) throw new Error(refusal(response, answer));
  return answer;
}

// The request that "copy as curl" copies
let shown = null;

// Sends a request, and shows it and its answer; throws an Error where there is none.
export async function send(request) {
  const secret = authorization();
  const { method, path, body } = request;
  outcome = { path };
  showRequest(request, "…");
  const headers = { ...shown.headers, ...secret };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(shown.url, { method, headers, body, signal });
    const text = await response.text();
    showAnswer(answered(response, text), response.ok ? "" : "sentence");
    return { response, text };
  } catch {
    showAnswer(words("gone"), "sentence");
    throw new Error(words("gone"));
  }
}

function showRequest({ method, path, body, before = body }, answer, kind) {
  shown = { method, url: new URL(path, document.baseURI), headers: {}, body };
  if (body !== undefined) shown.headers["Content-Type"] = "application/json";
  if (token() !== "") shown.headers.Authorization = "Bearer $TOKEN"; // never itself
  const messages = [body, before].map((it) => asMessage(shown, it));
  element("sent").replaceChildren(...withMarks(...messages));
  showAnswer(answer, kind);
  say("copied", "");
}

// What would be sent now: it can be read and copied before.
export function showDraft(sentence, path, body, unflipped) {
  const [draft, before] = [body, unflipped].map((it) => JSON.stringify(it));
  showRequest({ method: "POST", path, body: draft, before }, sentence, "draft");
}

const nothing = element("sent").textContent;

export function clearMessages() {
  element("sent").textContent = nothing;
  element("answered").textContent = "";
  say("copied", "");
}

function asMessage({ method, url, headers }, body) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const firstLine = `${method} ${url.pathname}${url.search}`;
  return [firstLine, ...lines, "", pretty(body ?? "")].join("\n").trimEnd();
}

// A byte is two hex digits, counted from the quote before them.
function withMarks(message, before) {
  const parts = [];
  let end = 0;
  for (let place = 0; place < message.length; place++) {
    if (message[place] === before[place]) continue;
    const start = message.lastIndexOf('"', place) + 1;
    const byte = place - ((place - start) % 2);
    const [was, is] = [before, message].map((it) => it.slice(byte, byte + 2));
    parts.push(message.slice(end, byte), create("mark", { title: `${was} → ${is}` }, is));
    end = byte + 2;
    place = byte + 1;
  }
  return [...parts, message.slice(end)];
}

// The first mark comes into view in its box, its line at the top; the page stays where it is. Without
// a mark, the first four lines of the answer come into view.
// A "sentence" is broken where the box ends; a "draft" says that nothing was sent.
function showAnswer(text, kind = "") {
  element("answered").textContent = text;
  element("answered").className = kind;
  const [sent, mark] = [element("sent"), element("sent").querySelector("mark")];
  const { offsetLeft: left, offsetTop: top, offsetWidth: width } = mark ?? sent;
  const isInView = !mark || left + width < sent.clientWidth;
  sent.scrollLeft = isInView ? 0 : left - sent.clientWidth / 2;
  const line = parseFloat(getComputedStyle(sent).lineHeight);
  const [both, answer] = [element("both"), element("answered")];
  const end = answer.offsetTop - both.offsetTop + Math.min(answer.offsetHeight, 4 * line);
  const hidden = Math.round((end - both.clientHeight) / line) * line;
  both.scrollTop = mark ? Math.floor(top / line) * line : hidden;
}

function answered(response, text) {
  const named = SHOWN_HEADERS.filter((name) => response.headers.has(name));
  const headers = named.map((name) => `${name}: ${response.headers.get(name)}`);
  return [`${response.status} ${response.statusText}`, ...headers, pretty(text)].join("\n");
}

function pretty(text) {
  const value = answerOf(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}

// The JSON in a text, or undefined.
export function answerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Copies

function asCurl() {
  const { method, url, headers, body } = shown;
  const words = [`curl -sS --cacert certs/ca.pem -X ${method} '${url}'`];
  for (const [name, value] of Object.entries(headers)) words.push(`-H "${name}: ${value}"`);
  if (body === undefined) return words.join(" ");
  // A here-document: a long text is no argument, and no character of it means anything.
  const oneLine = body.replaceAll("\n", " ").replace(UNSEEN, escaped);
  return `${words.join(" ")} --data-binary @- <<'JSON'\n${oneLine}\nJSON\n`;
}

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

async function copy(text, sentence) {
  try {
    await navigator.clipboard.writeText(text);
    say("copied", sentence);
  } catch {
    say("copied", words("not_copied"));
  }
}

const bothShown = () => `${element("sent").textContent}\n\n${element("answered").textContent}\n`;

const whereItRuns = () => words(shown.headers.Authorization ? "copied_with_token" : "copied_curl");

element("copy").addEventListener("click", () => copy(bothShown(), words("copied")));
element("copy-curl").addEventListener("click", () => copy(asCurl(), whereItRuns()));

// Who asks

let tokenIsWanted = false; // by the last question

export const token = () => element("token").value.trim().replace(/^bearer +/i, "");

// The box for the token. OK asks again what was refused for want of a token; closing it asks nothing.
export function takeTokens(askAgain) {
  const done = () => {
    const again = tokenIsWanted;
    element("token-box").close();
    if (again) askAgain();
  };
  element("token-box").addEventListener("cancel", () => (tokenIsWanted = false));
  element("token-open").addEventListener("click", () => openTokenBox(""));
  element("token-done").addEventListener("click", done);
  onEnter("token", done);
}

function askForToken(sentence) {
  tokenIsWanted = true;
  openTokenBox(sentence);
  return sentence;
}

function openTokenBox(sentence) {
  say("token-said", sentence, sentence && "bad");
  element("token-box").showModal(); // which focuses the field
  element("token").select(); // so that the next one takes its place
}

function authorization() {
  tokenIsWanted = false;
  if (token() === "") return {};
  // Else fetch might say in words of its own that it cannot stand in a header.
  if (!/^[0-9a-f]{64}$/.test(token())) throw new Error(askForToken(words("not_a_token")));
  return { Authorization: `Bearer ${token()}` };
}

// A sentence for a refused request; if a token is missing or wrong, its box opens.
export function refusal(response, answer) {
  const sentence = refused(response, answer);
  if (response.status !== 401) return sentence;
  return askForToken(token() === "" ? words("token_needed") : sentence);
}

function refused(response, answer) {
  const outcome = words(response.status < 500 ? "refused" : "failed", { status: response.status });
  const seconds = response.headers.get("Retry-After");
  const later = seconds ? ` (Retry-After: ${seconds} s)` : "";
  return `${outcome} ${answer?.error}${later}`;
}
