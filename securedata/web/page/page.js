// The page: store a text, flip bits of the four fields, hand them back in, see them refused.
//
// It is a client like any other: it holds no key, and asks the service that it came from.
// Whatever was typed or answered is put into the page as text (textContent), never as HTML.

import { ask, clearMessages, outcome, showDraft, takeTokens, token } from "./asking.js";
import { closeFields, fieldsInHex, openFields, showChosen, whatIsFlipped } from "./bytes.js";
import { create, element, inDigits, onEnter, say, words } from "./elements.js";
import { download, keep, keptReceipts, onlyItsFields, pastedRecord, showKept } from "./records.js";
import { clearWay, followTheLog, isLogRefused, markTheLog, showLog, showWay } from "./way.js";

const MOST_TEXT_BYTES = 262_144;

let asking = false;
let lastQuestion;
let forgotten = 0; // times

// One question at a time: a second click on a button that waits is not a second wish.
async function oneAtATime(question) {
  if (asking) return;
  asking = true;
  lastQuestion = question;
  const before = outcome; // the same one afterwards, if nothing is sent
  forget();
  const asked = forgotten;
  markTheLog();
  try {
    await question();
  } finally {
    asking = false;
  }
  const after = outcome === before ? null : outcome;
  // Where the log was refused, an answer that took no token says that it may be shown now.
  if (after && after.status !== 401 && (token() === "" || !isLogRefused())) await showLog();
  if (asked === forgotten) say("refused-by", showWay(after));
}

// The result, the picture of the way and the messages are about one question: they go together.
function forget() {
  forgotten += 1;
  say("retrieved", "");
  say("refused-by", "");
  clearWay();
  showNext();
}

// What Retrieve would send
function showNext() {
  if (record) showDraft(words("not_sent"), "retrieve", ...request());
  else clearMessages();
}

// An answer that is still to come says what was sent.
function whenChanged() {
  if (!asking) forget();
}

// The receipt that is open, or a part of one that was pasted; null before there is one.
let record = null;

function open(wanted, sentence, mood) {
  record = wanted;
  say("stored", sentence, mood);
  say("opened", "");
  const [isOpen, isId] = [record !== null, Boolean(record && !record.data)];
  for (const id of ["tamper", "bits-part", "by-fields"]) element(id).hidden = isId;
  for (const id of ["fields", "bits-part"]) element(id).inert = !isOpen;
  element("by-id").hidden = !isId;
  element("first").hidden = isOpen;
  element("hint").hidden = !isOpen;
  element("download").hidden = !record?.owner;
  element("retrieve").disabled = !isOpen;
  measureSticky(); // it is sticky from the first record on
  if (record?.data) openFields(record.data, whenChanged);
  else closeFields();
  showKept((kept) => oneAtATime(() => openKept(kept)), record);
}

function openKept(kept) {
  open(kept, nameOf(kept));
  showNext();
}

// Of what was pasted, the page knows only what it says.
function nameOf({ data, owner, record_id, pasted }) {
  if (!data) return words("pasted_id", { record_id });
  if (!owner) return words("pasted_fields");
  return words(pasted ? "pasted_receipt" : "opened", { record_id, owner });
}

async function store() {
  say("stored", words("storing"));
  clearMessages(); // what is open is not what is stored
  try {
    const text = element("text").value;
    checkLength(text);
    const receipt = onlyItsFields(await ask("store", { data: text }));
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

// What is handed in, and the same without flipped bits
function request() {
  const { record_id, data } = record;
  return [{ ...(data && fieldsInHex()), record_id }, { ...data, record_id }];
}

async function retrieve() {
  // Now: the user may flip more bits before the answer comes.
  const sent = record.data ? whatIsFlipped() : words("asked_by_id");
  const { data, owner, pasted } = record;
  say("retrieved", words("retrieving"));
  try {
    const answer = await ask("retrieve", ...request());
    const { decrypted_data: text, signature_status: status } = answer;
    const attributes = { dir: "auto", tabindex: 0, "aria-label": words("the_text") };
    const said = words(text ? "retrieved" : "retrieved_empty", { sent, status });
    say("retrieved", pasted ? `${said} ${words("not_checked")}` : said, "good");
    if (text) element("retrieved").append(create("blockquote", attributes, text));
  } catch (error) {
    const isRefused = outcome?.status === 400 && error.message.includes(outcome.error);
    const isOthers = owner && token() && isRefused && sent === words("unchanged");
    const notFound = !data && isRefused ? words("or_not_found") : "";
    const hint = isOthers ? words("of_owner", { owner }) : notFound;
    say("retrieved", `${sent} ${error.message} ${hint}`.trim(), "bad");
  }
  element("retrieved").scrollIntoView({ block: "nearest" });
}

async function openPasted() {
  try {
    const pasted = pastedRecord(element("pasted").value);
    if (pasted.owner) keep(pasted);
    openKept(pasted);
  } catch (error) {
    return say("opened", error.message, "bad");
  }
  await retrieve();
}

function toggleRecords() {
  const box = element("records");
  element("records-toggle").ariaExpanded = !box.toggleAttribute("hidden");
  box.scrollIntoView({ block: "nearest" }); // if it is shown
}

// Another text was not stored; what is open stays open.
function textChanged() {
  if (element("stored").dataset.mood) say("stored", record ? nameOf(record) : "");
}

element("text").addEventListener("input", textChanged);
element("store").addEventListener("click", () => oneAtATime(store));
element("retrieve").addEventListener("click", () => oneAtATime(retrieve));
element("records-toggle").addEventListener("click", toggleRecords);
element("open").addEventListener("click", () => oneAtATime(openPasted));
onEnter("text", () => oneAtATime(store), (event) => event.ctrlKey || event.metaKey);
onEnter("pasted", () => oneAtATime(openPasted));
takeTokens(() => oneAtATime(lastQuestion));
element("download").addEventListener("click", () => download(record));

// For the style sheet, which keeps as much free below what has the focus, and the chosen byte.
function measureSticky() {
  const isSticky = (box) => getComputedStyle(box).position === "sticky";
  const sticky = ["reach", "bits-part"].map(element).filter(isSticky);
  const height = Math.max(0, ...sticky.map((it) => it.offsetHeight));
  document.documentElement.style.setProperty("--sticky-height", `${height}px`);
  const byte = document.querySelector(".bytes [aria-current]")?.getBoundingClientRect();
  if (byte && byte.top < innerHeight && byte.bottom > innerHeight - height) showChosen();
}

const sizes = new ResizeObserver(measureSticky);
for (const id of ["reach", "bits-part"]) sizes.observe(element(id));

const [newest] = keptReceipts();
if (newest) {
  openKept(newest);
  element("text").value = ""; // what the page suggests is not its text
}
followTheLog();
