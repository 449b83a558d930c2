// Checks the sealed texts in this page and draws them from the bytes that were checked (docs/spec/public-page.md).
// What is checked, in which order, and what each failure is called: docs/spec/seal.md 9. WORDS stands before this script.
"use strict";

class NotSealed extends Error {
  constructor(fault, about = {}) {
    super(fault);
    this.fault = fault;
    this.about = about;
  }
}
const fail = (fault, about) => { throw new NotSealed(fault, about); };

// --- bytes, digests, fingerprints -------------------------------------------------------------------------------------

const bytes = (text) => new TextEncoder().encode(text);
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const b64 = (data) => btoa(Array.from(data, (one) => String.fromCharCode(one)).join(""))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function unb64(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) fail("wrong-encoding");
  const data = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  return b64(data) === text ? data : fail("wrong-encoding"); // one spelling of the same bytes
}

// spec hashing 2
async function digest(tag, ...parts) {
  const pieces = [bytes(tag), ...parts].flatMap((part) => {
    const length = new DataView(new ArrayBuffer(8));
    length.setUint32(4, part.length);
    return [new Uint8Array(length.buffer), part];
  });
  return sha256(await new Blob(pieces).arrayBuffer());
}

// spec seal 2
function fingerprint(data) {
  const bits = Array.from(data, (one) => one.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g).map((five) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(five.padEnd(5, "0"), 2)]);
  return letters.join("").match(/.{1,4}/g).join("-");
}
const plain = (typed) => typed.replace(/[\s-]/g, "").toLowerCase();

// --- strict reading ---------------------------------------------------------------------------------------------------

// spec seal 1
function parsed(data) {
  let written;
  try {
    written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch { fail("not-json"); }
  const tokens = written.match(/"(?:[^"\\]|\\.|\\$)*(?:"|$)|[[\]{}:,]|[^\s"[\]{}:,]+/gs) ?? []; // nothing is looked at twice
  let level = 0;
  for (const token of tokens) {
    if ("[{".includes(token)) level += 1;
    if ("]}".includes(token)) level -= 1;
    if (level > 32) fail("too-deep");
  }
  let value;
  try {
    value = JSON.parse(written);
  } catch { fail("not-json"); }
  const members = [];
  tokens.forEach((token, place) => {
    if ("[{".includes(token)) members.push(new Set());
    else if ("]}".includes(token)) members.pop();
    else if (/^-?\d(.*[.eE]|.{4300})/.test(token)) fail("not-json"); // no integer, or longer than readers take
    else if (tokens[place + 1] === ":") {
      const name = JSON.parse(token);
      if (members.at(-1).has(name)) fail("member-twice");
      members.at(-1).add(name);
    }
  });
  return value;
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function parsedCanonical(encoded) {
  const data = unb64(encoded);
  const value = parsed(data);
  return b64(bytes(canonical(value))) === encoded ? value : fail("not-canonical");
}

const isText = (value) => typeof value === "string";
const isNumber = (value) => Number.isInteger(value);
const listOf = (each) => (value) => Array.isArray(value) && value.every(each);
const record = (needed, free = {}) => (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) &&
  Object.keys(needed).every((name) => Object.hasOwn(value, name)) &&
  Object.keys(value).every((name) => {
    const known = Object.hasOwn(needed, name) ? needed : free;
    return Object.hasOwn(known, name) && known[name](value[name]);
  });

const isKey = record({ crv: isText, kty: isText, x: isText, y: isText });
const isFile = record(
  { payload: isText,
    signatures: listOf(record({ protected: isText, signature: isText }, { header: record({ disclosures: listOf(isText) }) })) },
  { anchors: listOf(isText), stamps: listOf(isText) });
const isPayload = record({
  _sd: listOf(isText), _sd_alg: isText, clauses: isNumber, dated: isText, kind: isText, lapse: isText,
  refers_to: listOf(record({ as: isText, text: isText })), sides: listOf(record({ key: isKey, name: isText })),
  title: isText, version: isNumber });
const isUnderstanding = record({ confirmed: isText, lapse: isText, sides: listOf(isText), subject: isText });
const isAnchor = record({ key: isText, owner: isKey, text: isText, version: isNumber });

const UNSAFE = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]/u;
const LAPSES = ["election", "stands", "lapses"];

function checkWords(words, longest, oneLine) {
  const length = [...words].length;
  if (length === 0 || length > longest) fail("wrong-payload");
  if (UNSAFE.test(words) || (oneLine && (words.includes("\n") || words !== words.trim()))) fail("unsafe-characters");
}

function checkDate(date) {
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) && !date.startsWith("0000") ? new Date(date) : new Date(NaN);
  if (isNaN(moment) || moment.toISOString() !== date.replace("Z", ".000Z")) fail("wrong-payload");
}

// --- keys -------------------------------------------------------------------------------------------------------------

async function readKey(written) {
  if (written.crv !== "P-256" || written.kty !== "EC") fail("wrong-key");
  if ([written.x, written.y].map(unb64).some((half) => half.length !== 32)) fail("wrong-key");
  try {
    const key = await crypto.subtle.importKey("jwk", { ...written }, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
    return { key, thumbprint: await sha256(bytes(canonical(written))) };
  } catch { return fail("wrong-key"); } // no point of the curve
}

const header = (thumbprint, kind) => b64(bytes(canonical({ alg: "ES256", kid: b64(thumbprint), typ: kind })));
const holds = (key, signature, signed) =>
  crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, bytes(signed));

// --- the checks of spec seal 9 ----------------------------------------------------------------------------------------

// spec seal 3
async function readPayload(encoded) {
  const payload = parsedCanonical(encoded);
  if (payload !== null && isNumber(payload.version) && payload.version > 1) fail("newer-version");
  if (!isPayload(payload)) fail("wrong-payload");
  const { sides, refers_to: earlier } = payload;
  const names = new Set(sides.map((side) => side.name)), keys = new Set(sides.map((side) => canonical(side.key)));
  const sound = payload.version === 1 && payload._sd_alg === "sha-256" && payload.clauses >= 0 && payload.clauses <= 480 &&
    ["agreement", "report"].includes(payload.kind) && LAPSES.includes(payload.lapse) && sides.length >= 2 && sides.length <= 16 &&
    names.size === sides.length && keys.size === sides.length &&
    earlier.every((one) => ["performance", "amendment", "statement"].includes(one.as) && unb64(one.text).length === 32);
  if (!sound || earlier.some((one, place) => place > 0 && earlier[place - 1].text >= one.text)) fail("wrong-payload");
  checkDate(payload.dated);
  checkWords(payload.title, 200, true);
  sides.forEach((side) => checkWords(side.name, 100, true));
  const digests = payload._sd;
  if (new Set(digests).size !== digests.length) fail("digest-twice");
  if (digests.length !== Math.max(64, 64 * Math.ceil((payload.clauses + 32) / 64))) fail("digest-missing");
  if (digests.some((one, place) => place > 0 && digests[place - 1] > one)) fail("digests-reordered");
  if (digests.some((one) => unb64(one).length !== 32)) fail("wrong-payload");
  return payload;
}

function keyNamed(protectedHeader) {
  let found;
  try {
    found = parsedCanonical(protectedHeader);
    if (unb64(found.kid).length !== 32) throw new Error();
  } catch { fail("wrong-header"); }
  return canonical({ ...found, kid: "" }) === canonical({ alg: "ES256", kid: "", typ: "backchannel-seal+sd-jwt" })
    ? found.kid : fail("wrong-header");
}

async function checkSignatures(file, payload, sealers) {
  const signers = file.signatures.map((one) => {
    const named = keyNamed(one.protected);
    return sealers.find((sealer) => b64(sealer.thumbprint) === named) ?? fail("signer-not-listed");
  });
  if (new Set(signers).size !== signers.length) fail("signature-twice");
  const missing = sealers.filter((one) => !signers.includes(one));
  if (missing.length) fail("signature-missing", { side: missing[0].name });
  if (signers.some((one, place) => one !== sealers[place])) fail("signatures-reordered");
  for (const [place, { protected: head, signature }] of file.signatures.entries()) {
    const { name, key, thumbprint } = sealers[place];
    const raw = unb64(signature);
    if (head !== header(thumbprint, "backchannel-seal+sd-jwt")) fail("wrong-header");
    if (raw.length !== 64 || !(await holds(key, raw, `${head}.${file.payload}`))) fail("signature-wrong", { side: name });
  }
}

// spec seal 4
async function readPassage(written) {
  const value = parsedCanonical(written);
  if (!Array.isArray(value) || value.length !== 3 || !isText(value[0]) || unb64(value[0]).length !== 32) fail("wrong-disclosure");
  const [, name, said] = value;
  if (!isText(name) || !/^(clause-[1-9][0-9]{0,2}|(term|understanding)-[a-z0-9-]{1,40})$/.test(name)) fail("wrong-disclosure");
  if (name.startsWith("understanding-")) {
    if (!isUnderstanding(said)) fail("wrong-disclosure");
    checkDate(said.confirmed);
    checkWords(said.subject, 200, true);
    if (!LAPSES.includes(said.lapse) || said.sides.length === 0) fail("wrong-disclosure");
    said.sides.forEach((side) => checkWords(side, 100, true));
  } else {
    if (!isText(said)) fail("wrong-disclosure");
    checkWords(said, 20000, false);
  }
  return { name, said, digest: b64(await sha256(bytes(written))) };
}

async function open(file, payload) {
  const passages = [];
  for (const written of file.signatures[0]?.header?.disclosures ?? []) passages.push(await readPassage(written));
  const digests = new Set(payload._sd), names = new Set();
  for (const { name, digest: own } of passages) {
    if (!digests.has(own)) fail("not-among-digests", { passage: name });
    if (names.has(name)) fail("opened-twice", { passage: name });
    if (name.startsWith("clause-") && Number(name.slice(7)) > payload.clauses) fail("wrong-disclosure");
    names.add(name);
  }
  return passages;
}

// spec seal 7
async function readAnchor(written, text) {
  const [head, body, signature, ...more] = written.split(".");
  if (signature === undefined || more.length) fail("wrong-anchor");
  const said = parsedCanonical(body);
  if (!isAnchor(said)) fail("wrong-anchor");
  const owner = await readKey(said.owner);
  if (said.version !== 1 || head !== header(owner.thumbprint, "backchannel-anchor+jws")) fail("wrong-anchor");
  if (said.text !== b64(text)) fail("anchor-for-another");
  const raw = unb64(signature);
  if (raw.length !== 64 || !(await holds(owner.key, raw, `${head}.${body}`))) fail("wrong-anchor");
  return { of: b64(unb64(said.key)), by: owner.thumbprint };
}

// Gives what a file shows, or throws NotSealed at the first check that fails; `typed` holds fingerprints by side.
// Time stamps are not looked at: `backchannel verify` does.
async function check(data, typed = {}) {
  if (data.length > 4 << 20) fail("too-large");
  const file = parsed(data);
  if (!isFile(file) || file.signatures.slice(1).some((one) => one.header)) fail("wrong-shape");
  const payload = await readPayload(file.payload);
  const sealers = [];
  for (const { key, name } of payload.sides) sealers.push({ name, ...(await readKey(key)) });
  await checkSignatures(file, payload, sealers);
  const passages = await open(file, payload);
  const text = await digest("backchannel/sealed-text/1", unb64(file.payload));
  for (const written of file.anchors ?? []) {
    const anchor = await readAnchor(written, text);
    const sealer = sealers.find((one) => b64(one.thumbprint) === anchor.of) ?? fail("anchor-for-another");
    if (sealer.longTerm) fail("anchor-twice", { side: sealer.name });
    sealer.longTerm = fingerprint(anchor.by);
  }
  for (const sealer of sealers) {
    sealer.code = fingerprint(await digest("backchannel/seal-code/1", sealer.thumbprint, text));
    sealer.ownership = sealer.longTerm ? "claimed" : "not-shown";
    if (Object.hasOwn(typed, sealer.name)) {
      const said = plain(typed[sealer.name]);
      if (said !== plain(sealer.code) && said !== plain(sealer.longTerm ?? "-")) fail("not-the-anchor", { side: sealer.name });
      sealer.ownership = "shown";
    }
  }
  const clauses = Array.from({ length: payload.clauses },
    (_, place) => passages.find((one) => one.name === `clause-${place + 1}`)?.said ?? null);
  const opened = passages.filter((one) => !one.name.startsWith("clause-")).sort((one, other) => (one.name < other.name ? -1 : 1));
  return { text: b64(text), words: fingerprint(text), payload, sealers, clauses, opened, passages: passages.length,
           anchors: (file.anchors ?? []).length, closedAtMost: payload._sd.length - payload.clauses - opened.length,
           stamps: (file.stamps ?? []).length };
}
