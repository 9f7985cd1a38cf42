// The page: store a text, flip bits of the four fields, hand them back in, see them refused.
//
// It is a client like any other: it holds no key, and asks the service that it came from.
// Whatever was typed or answered is put into the page as text (textContent), never as HTML.

import { ask, outcome } from "./asking.js";
import { fieldsInHex, openFields, whatIsFlipped } from "./bytes.js";
import { create, element, say, words } from "./elements.js";
import { download, keep, keptReceipts, pastedRecord, showKept } from "./records.js";
import { followTheLog, markTheLog, showLog, showWay } from "./way.js";

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
  showWay(outcome);
}

// The receipt that is open, or { record_id } alone; null before there is one.
let record = null;

function open(wanted, sentence, mood = "") {
  record = wanted;
  say("stored", sentence, mood);
  say("retrieved", "");
  if (record?.data) openFields(record.data);
  for (const id of ["tamper", "bits-part", "by-fields"]) element(id).hidden = !record?.data;
  element("by-id").hidden = Boolean(record?.data);
  element("intro").hidden = record !== null;
  element("reach").hidden = record === null;
  showKept(openKept, record);
}

function openKept(receipt) {
  open(receipt, words("opened", receipt));
}

async function store() {
  try {
    const receipt = await ask("store", { data: element("text").value });
    keep(receipt);
    open(receipt, words("stored", receipt), "good");
  } catch (error) {
    open(null, error.message, "bad"); // or the record before would look like the new one
  }
}

async function retrieve() {
  // Now: the user may flip more bits before the answer comes.
  const sent = record.data ? whatIsFlipped() : words("asked_by_id");
  const body = record.data ? fieldsInHex() : record;
  try {
    const answer = await ask("retrieve", body);
    const attributes = { dir: "auto", tabindex: 0, "aria-label": words("the_text") };
    const sentence = words("retrieved", { sent, status: answer.signature_status });
    say("retrieved", sentence, "good");
    element("retrieved").append(create("blockquote", attributes, answer.decrypted_data));
  } catch (error) {
    say("retrieved", `${sent} ${error.message}`, "bad");
  }
}

async function openPasted() {
  try {
    const pasted = pastedRecord(element("pasted").value);
    if (pasted.data) keep(pasted);
    openKept(pasted);
  } catch (error) {
    return say("stored", error.message, "bad");
  }
  await retrieve();
}

function toggleRecords() {
  const box = element("records");
  box.hidden = !box.hidden;
  element("records-toggle").ariaExpanded = !box.hidden;
}

element("store").addEventListener("click", () => oneAtATime(store));
element("retrieve").addEventListener("click", () => oneAtATime(retrieve));
element("records-toggle").addEventListener("click", toggleRecords);
element("open").addEventListener("click", () => oneAtATime(openPasted));
element("pasted").addEventListener("keydown", (event) => {
  if (event.key === "Enter") oneAtATime(openPasted);
});
element("download").addEventListener("click", () => download(record));

const [newest] = keptReceipts();
if (newest) openKept(newest);
followTheLog();
