// /docs: each form sends its request, as any other client would.

import { answerOf, refusal, send, takeTokens } from "./asking.js";
import { element, words } from "./elements.js";

let lastForm;

async function tryIt(form) {
  lastForm = form;
  const { method, path } = form.dataset;
  const { body, ...query } = Object.fromEntries(new FormData(form));
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  form.append(element("exchange"));
  element("exchange").hidden = false;
  try {
    const { response, text } = await send({ method, path: path + search, body });
    if (!response.ok) throw new Error(refusal(response, answerOf(text)));
    const sentence = words("answered_with", { status: response.status });
    const more = path === "store" ? fillForms(answerOf(text)) : "";
    show(form, `${sentence} ${more}`, "good");
  } catch (error) {
    show(form, error.message, "bad");
  }
}

function show(form, sentence, mood = "") {
  const output = form.querySelector("output");
  output.textContent = sentence;
  output.dataset.mood = mood;
}

// What was stored can be retrieved at once.
function fillForms({ record_id, data }) {
  const [byId, byFields] = document.querySelectorAll("form[data-path=retrieve] textarea");
  byId.value = JSON.stringify({ record_id }, null, 2);
  byFields.value = JSON.stringify(data, null, 2);
  for (const { form } of [byId, byFields]) show(form, "");
  return words("forms_filled");
}

for (const form of document.forms) {
  form.addEventListener("input", () => {
    show(form, ""); // it was about another request
    if (form.contains(element("exchange"))) element("exchange").hidden = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryIt(form);
  });
}
takeTokens(() => tryIt(lastForm));
