// Asking the service, as any other client would; and showing what was sent and answered.

import { element, words } from "./elements.js";

const PATIENCE_MS = 40_000; // the service itself may wait 30 s for its database

// Returns the JSON that was answered with 200; throws an Error whose message is a sentence.
export async function ask(path, body) {
  const headers = { "Content-Type": "application/json", ...authorization() };
  const sent = `POST /${path}\n${JSON.stringify(body, null, 2)}`;
  const show = (answered) => (element("exchange").textContent = `${sent}\n\n${answered}`);
  show("…");
  let response, answer;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    answer = await response.json();
  } catch {
    const sentence = response ? words("not_json", { status: response.status }) : words("gone");
    show(sentence);
    throw new Error(sentence);
  }
  show(`${response.status} ${response.statusText}\n${JSON.stringify(answer, null, 2)}`);
  if (!response.ok) throw new Error(refusal(response, answer));
  return answer;
}

function authorization() {
  const token = element("token").value.trim();
  if (token === "") return {};
  // Anything else cannot stand in a header, and fetch would say so in words of its own.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(words("not_a_token"));
  return { Authorization: `Bearer ${token}` };
}

function refusal(response, answer) {
  if (response.status === 401) askForToken();
  const outcome = words(response.status < 500 ? "refused" : "failed", { status: response.status });
  const seconds = response.headers.get("Retry-After");
  const later = seconds ? ` (Retry-After: ${seconds} s)` : "";
  return `${outcome} ${answer?.error}${later}`;
}

function askForToken() {
  element("token-box").open = true;
  element("token").focus();
}
