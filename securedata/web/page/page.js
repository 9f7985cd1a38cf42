// The page: store a text, flip bits of the four fields, hand them back in, see them refused.
//
// It is a client like any other: it holds no key, and asks the service that it came from.
// Whatever was typed or answered is put into the page as text (textContent), never as HTML.

import { ask, outcome } from "./asking.js";
import { fieldsInHex, openFields, whatIsFlipped } from "./bytes.js";
import { create, element, inDigits, say, words } from "./elements.js";
import { download, keep, keptReceipts, pastedRecord, showKept } from "./records.js";
import { followTheLog, markTheLog, showLog, showWay } from "./way.js";

const MOST_TEXT_BYTES = 262_144;

let asking = false;
let lastQuestion = store;

// One question at a time: a second click on a button that waits is not a second wish.
async function oneAtATime(question) {
  if (asking) return;
  asking = true;
  lastQuestion = question;
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
    const text = element("text").value;
    checkLength(text);
    const receipt = await ask("store", { data: text });
    keep(receipt);
    open(receipt, words("stored", receipt), "good");
  } catch (error) {
    open(null, error.message, "bad"); // or the record before would look like the new one
  }
}

// The service would say the same of a text; of a body over 1 MiB it would read nothing.
function checkLength(text) {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= MOST_TEXT_BYTES) return;
  throw new Error(words("too_long", { bytes: inDigits(bytes), most: inDigits(MOST_TEXT_BYTES) }));
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

function sendAgain() {
  element("token-box").hidePopover();
  oneAtATime(lastQuestion);
}

function onEnter(id, action, isMeant = () => true) {
  element(id).addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isMeant(event)) action();
  });
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
onEnter("text", () => oneAtATime(store), (event) => event.ctrlKey || event.metaKey);
onEnter("pasted", () => oneAtATime(openPasted));
onEnter("token", sendAgain);
element("download").addEventListener("click", () => download(record));

const [newest] = keptReceipts();
if (newest) openKept(newest);
followTheLog();
