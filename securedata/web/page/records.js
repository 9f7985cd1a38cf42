// The receipts of this browser tab: the last ten. They survive a reload, and end with the tab.
//
// A receipt holds no text and no token: only what these forms allow is kept.

import { answerOf } from "./asking.js";
import { counted, create, element, words } from "./elements.js";

const KEPT = "receipts";
const MOST_KEPT = 10;
const BYTES = /^([0-9a-f]{2})+$/;
const FIELDS = { nonce: BYTES, encrypted_data: /^([0-9a-f]{2})*$/, tag: BYTES, signature: BYTES };
const ID = { record_id: /^[0-9a-f]{32}$/ };
const HEADER = {
  ...ID,
  owner: /^[a-z0-9][a-z0-9._-]{0,63}$/,
  signer_id: /^([a-z0-9-]+\.)?[0-9a-f]{16}$/, // before the dot, any scheme but DSA
  created: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
};

// What was pasted: a receipt, its four fields, or { record_id } alone. Throws an Error with a
// sentence. Of the messages that the page copies, each body begins and ends a line.
export function pastedRecord(text) {
  if (/^[0-9a-f]+$/i.test(text.trim())) return matching(ID, { record_id: text.trim() });
  const bodies = text.match(/^\{[^]*?^\}/gm) ?? [];
  let reason;
  for (const body of [text, ...bodies]) {
    try {
      return recordIn(body);
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

function recordIn(text) {
  const value = answerOf(text);
  if (!(value instanceof Object)) throw new Error(notAReceipt(text));
  if (value.data) return { ...onlyItsFields(value), pasted: true };
  const id = "record_id" in value ? matching(ID, value) : {};
  return id.record_id && !("nonce" in value) ? id : { ...id, data: matching(FIELDS, value) };
}

function notAReceipt(text) {
  return text.trimStart().startsWith("{") ? words("cut_off") : words("not_a_receipt");
}

export function onlyItsFields(receipt) {
  return { data: matching(FIELDS, receipt.data), ...matching(HEADER, receipt) };
}

function matching(forms, values) {
  const pairs = Object.entries(forms).map(([name, form]) => {
    if (values[name] === undefined) throw new Error(words("field_missing", { name }));
    if (typeof values[name] !== "string" || !form.test(values[name])) throw new Error(malformed(name));
    return [name, values[name]];
  });
  return Object.fromEntries(pairs);
}

function malformed(name) {
  if (name in FIELDS) return words("not_hex", { name });
  return name in ID ? words("not_an_id") : words("field_malformed", { name });
}

// Newest first
export function keptReceipts() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  } catch {
    return []; // the browser keeps nothing, or somebody else wrote there
  }
}

export function keep(receipt) {
  const others = keptReceipts().filter((it) => inJson(it) !== inJson(receipt));
  const receipts = [receipt, ...others].slice(0, MOST_KEPT);
  // A browser keeps about 5 MB for a tab: the oldest make room.
  while (receipts.length > 0 && !isKept(receipts)) receipts.pop();
}

function isKept(receipts) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(receipts));
    return true;
  } catch {
    return false;
  }
}

export function showKept(openRecord, opened) {
  const item = (receipt) => {
    const { record_id, owner, created, data, pasted } = receipt;
    const start = record_id.slice(0, 8);
    const label = words("open_record", { start });
    const button = create("button", { type: "button", class: "quiet", "aria-label": label }, start);
    if (JSON.stringify(receipt) === JSON.stringify(opened)) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => openRecord(receipt));
    const size = counted("bytes", data.encrypted_data.length / 2);
    const mark = pasted ? words("pasted") : "";
    return create("li", {}, button, ` ${created}, ${owner}, ${size}${mark}`);
  };
  const hadFocus = element("kept").contains(document.activeElement);
  element("kept").replaceChildren(...keptReceipts().map(item));
  if (hadFocus) element("kept").querySelector("[aria-current]")?.focus();
  element("kept-part").hidden = element("kept").children.length === 0;
}

const inJson = (receipt) => JSON.stringify(onlyItsFields(receipt), null, 2);

export function download(receipt) {
  const file = new Blob([inJson(receipt), "\n"]);
  const href = URL.createObjectURL(file);
  create("a", { href, download: `receipt-${receipt.record_id.slice(0, 8)}.json` }).click();
  URL.revokeObjectURL(href);
}
