// The page: store a text, flip bits of the four fields, hand them back in, see them refused.
//
// It is a client like any other: it holds no key, and asks the service that it came from.
// Whatever was typed or answered is put into the page as text (textContent), never as HTML.

import { ask } from "./asking.js";
import { fieldsInHex, openFields, whatIsFlipped } from "./bytes.js";
import { create, element, say, words } from "./elements.js";
import { followTheLog, markTheLog, showLog } from "./way.js";

let asking = false;

// One question at a time: a second click on a button that waits is not a second wish.
async function oneAtATime(question) {
  if (asking) return;
  asking = true;
  markTheLog();
  try {
    await question();
  } finally {
    asking = false;
  }
  await showLog();
}

async function store() {
  try {
    const receipt = await ask("store", { data: element("text").value });
    say("stored", words("stored", receipt), "good");
    openFields(receipt.data);
    element("intro").hidden = true;
    element("tamper").hidden = element("reach").hidden = false;
    say("retrieved", "");
  } catch (error) {
    say("stored", error.message, "bad");
  }
}

async function retrieve() {
  const sent = whatIsFlipped(); // now: the user may flip more bits before the answer comes
  try {
    const answer = await ask("retrieve", fieldsInHex());
    const attributes = { dir: "auto", tabindex: 0, "aria-label": words("the_text") };
    const sentence = words("retrieved", { sent, status: answer.signature_status });
    say("retrieved", sentence, "good");
    element("retrieved").append(create("blockquote", attributes, answer.decrypted_data));
  } catch (error) {
    say("retrieved", `${sent} ${error.message}`, "bad");
  }
}

element("store").addEventListener("click", () => oneAtATime(store));
element("retrieve").addEventListener("click", () => oneAtATime(retrieve));
followTheLog();
