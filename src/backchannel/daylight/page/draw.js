// --- drawing: every word of others goes in as text, from the value that check() gave; nothing else on the page is kept --------

const NAMES = { en: "English", fr: "Français", ar: "العربية" };
const asked = (document.documentElement.dataset.languages ?? "").split(" ").filter((one) => Object.hasOwn(NAMES, one));
const languages = asked.length ? asked : ["en"];
let language = languages.find((one) => (navigator.language ?? "").startsWith(one)) ?? languages[0];

const isolated = (words) => `\u2068${words}\u2069`; // a name in another script turns nothing beside it
const say = (name, values = {}) =>
  WORDS[name][language].replace(/\{(\w+)\}/g, (_, key) => isolated(values[key]));
const listed = (names) => new Intl.ListFormat(language).format(names.map(isolated))
  .replace(/و\u2068(?=[A-Za-z])/g, "و\u00a0\u2068"); // an Arabic "and" does not lean on Latin letters
const LOCALES = { en: "en-GB", fr: "fr", ar: "ar-u-nu-latn" };
function dated(date) { // a day is a day, and a time of it is said with its zone
  const hour = date.endsWith("T00:00:00Z") ? {} : { timeStyle: "short", hourCycle: "h23" };
  const said = new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "long", timeZone: "UTC", ...hour }).format(new Date(date));
  return hour.timeStyle ? `${said} UTC` : said;
}

function tag(name, properties = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...inside.flat().filter((one) => one !== null));
  return made;
}
const words = (said) => said.split("\n").map((line) => tag("p", { dir: "auto" }, line));
const code = (said) => tag("code", { dir: "ltr" }, said);

let sources = [], typed = [], script = "", whole = false;

// spec public-page 3.1: the page part for part as this program writes it, but for the style, which the policy holds to its hash
async function asWritten() {
  const source = `sha256-${btoa(String.fromCharCode(...await sha256(bytes(script))))}`;
  const policy = `default-src 'none'; script-src '${source}'; style-src '${STYLE}'; base-uri 'none'; form-action 'none'`;
  const [first] = languages, inside = (one) => ({ lang: one, dir: one === "ar" ? "rtl" : "ltr" });
  const head = tag("head", {}, tag("meta", { charset: "utf-8" }),
    tag("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    tag("meta", { name: "referrer", content: "no-referrer" }),
    tag("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    tag("title", {}, WORDS.unchecked[first]), tag("style", {}, document.querySelector("style")?.textContent ?? ""));
  const main = tag("main", {}, languages.map((one) => tag("section", inside(one), tag("h1", {}, WORDS.unchecked[one]),
    tag("p", {}, WORDS["unchecked-about"][one]), tag("p", {}, code("backchannel verify page.html")))));
  const texts = Array.from(document.querySelectorAll("script.sealed"),
    (one) => tag("script", { type: "application/json", class: "sealed" }, one.textContent));
  return tag("html", {}, head, tag("body", {}, main, texts, tag("script", {}, script)));
}

// Gives a copy of a part without the white space between its own parts.
function bare(part) {
  const copy = part.cloneNode(true);
  const within = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT), blank = [];
  while (within.nextNode()) if (!within.currentNode.data.trim()) blank.push(within.currentNode);
  for (const one of blank) one.remove();
  return copy;
}

// spec public-page 3: whatever somebody put into the page beside its parts is not drawn, and said
async function start() {
  sources = Array.from(document.querySelectorAll("script.sealed"), (one) => bytes(one.textContent));
  typed = sources.map(() => Object.create(null));
  script = document.querySelector("script:not(.sealed)").textContent;
  if (crypto.subtle) {
    const { head, body } = document, expected = await asWritten();
    whole = sources.length > 0 && bare(head).isEqualNode(expected.firstChild) &&
      bare(tag("body", {}, ...Array.from(body.childNodes, (one) => one.cloneNode(true)))).isEqualNode(expected.lastChild);
    if (!whole) for (const one of document.querySelectorAll("style, link")) one.remove(); // a style can draw words
  }
  const root = document.documentElement;
  for (const name of root.getAttributeNames()) if (!/^(lang|dir|data-page|data-languages)$/.test(name)) root.removeAttribute(name);
  return draw();
}

function passage(number, said) {
  return tag("li", { value: number, class: said === null ? "out" : "clause" }, said === null ? tag("p", {}, say("left-out")) : words(said));
}

function openedTerm({ name, said }) {
  if (isText(said)) return tag("section", { class: "term" }, tag("h2", {}, say("opened"), " ", code(name)), words(said));
  return tag("section", { class: "term" }, tag("h2", {}, say("understanding", { sides: listed(said.sides) }), " ", code(name)),
    words(said.subject), tag("p", { class: "note" }, say("confirmed"), " ", dated(said.confirmed)));
}

function owner(sealer, place, number) {
  const entered = typed[place][sealer.name] ?? "";
  const input = tag("input", { id: `typed-${place}-${number}`, dir: "ltr", value: entered, autocomplete: "off", spellcheck: "false",
    "aria-label": say("type-for", { side: sealer.name }), onchange: (event) => {
      if (event.target.value.trim()) typed[place][sealer.name] = event.target.value;
      else delete typed[place][sealer.name];
      draw();
    } });
  return tag("li", { class: `owner ${sealer.ownership}` }, tag("h3", {}, tag("bdi", {}, sealer.name)),
    tag("p", {}, say(`owned-${sealer.ownership}`, { side: sealer.name })),
    sealer.longTerm ? tag("p", {}, say("long-term"), " ", code(sealer.longTerm)) : null,
    tag("p", {}, say("seal-code"), " ", code(sealer.code)),
    tag("label", { class: "typed" }, tag("span", {}, say("type-it")), input));
}

function sealedText(found, place, others) {
  const { payload, sealers } = found;
  const names = sealers.map((one) => one.name);
  const shown = sealers.every((one) => one.ownership === "shown");
  const earlier = payload.refers_to.map((one) => {
    const beside = others.find((other) => other.text === one.text);
    return tag("p", { class: "refers" }, say(`is-${one.as}`), " ", beside ? tag("cite", {}, tag("bdi", {}, beside.payload.title)) : say("earlier"), ". ",
      beside ? say("beside") : say("not-given"), " ", code(one.text));
  });
  return tag("article", { "aria-labelledby": `t${place}` },
    tag("p", { class: "kind" }, say(payload.kind === "report" ? "kind-report" : "kind-agreement")),
    tag("h1", { id: `t${place}`, dir: "auto" }, payload.title),
    tag("p", { class: "by" }, say(shown ? "by-shown" : "by-names"), " ", listed(names)),
    tag("p", { class: "dated" }, tag("time", { datetime: payload.dated }, dated(payload.dated)), tag("span", { class: "note" }, say("dated"))),
    found.mistyped ? tag("p", { class: "fault", role: "alert" }, say("fault-not-the-anchor", found.mistyped.about)) : null,
    earlier,
    payload.kind === "report" ? tag("p", { class: "refers note" }, say("report")) : null,
    payload.clauses ? tag("ol", { class: "clauses" }, found.clauses.map((said, at) => passage(at + 1, said))) : tag("p", {}, say("no-clause")),
    found.opened.map(openedTerm),
    tag("section", { class: "closed" }, tag("h2", {}, say("closed-title")), tag("p", {}, say("closed", { count: found.closedAtMost })),
      tag("p", {}, say(`lapse-${payload.lapse}`))),
    tag("section", { class: "checked" }, tag("h2", {}, say("checked")), tag("ul", {},
      tag("li", {}, say("held-signatures", { count: sealers.length })),
      tag("li", {}, say("held-passages", { count: found.passages, all: payload._sd.length })),
      found.anchors ? tag("li", {}, say("held-anchors", { count: found.anchors })) : null,
      found.stamps ? tag("li", { class: "not" }, say("not-stamps", { count: found.stamps })) : null),
      tag("p", { class: "words" }, say("check-words"), " ", code(found.words))),
    tag("section", { class: "owners" }, tag("h2", {}, say("whose")), tag("p", { class: "note" }, say("whose-about")),
      tag("ul", {}, sealers.map((one, number) => owner(one, place, number)))),
    tag("p", { class: "save" }, tag("a", { class: "button", download: `sealed-text-${place + 1}.json`,
      href: URL.createObjectURL(new Blob([sources[place]], { type: "application/json" })) }, say("save"))));
}

function broken(error, place) {
  const known = error instanceof NotSealed;
  if (!known) console.error(error);
  return tag("article", { class: "broken", role: "alert" }, tag("h1", {}, say("not-sealed")),
    sources.length > 1 ? tag("p", {}, say("which", { number: place + 1, all: sources.length })) : null,
    tag("p", { class: "fault" }, say(known ? `fault-${error.fault}` : "fault-page-altered", known ? error.about : {})),
    known ? tag("p", { class: "note" }, say("fault-name"), " ", code(error.fault)) : null,
    tag("p", {}, say("not-sealed-about")));
}

async function foot() {
  return tag("footer", {}, tag("h2", {}, say("yourself")), tag("p", {}, say("limit")),
    tag("p", {}, say("program"), " ", code("backchannel verify page.html")),
    tag("p", {}, say("script"), " ", code(fingerprint(await sha256(bytes(script))))));
}

async function draw() {
  if (!crypto.subtle) return show("bad", tag("article", { class: "broken" }, tag("h1", {}, say("cannot")), tag("p", {}, say("cannot-about"))));
  const results = [];
  for (const [place, data] of sources.entries()) {
    results.push(await check(data, typed[place]).catch(async (error) =>
      error.fault === "not-the-anchor" ? { ...(await check(data)), mistyped: error } : error));
  }
  const sound = results.filter((one) => !(one instanceof Error));
  const all = whole && sound.length === results.length && !sound.some((one) => one.mistyped);
  document.title = all ? sound[0].payload.title : say("not-sealed");
  return show(all ? "good" : "bad", tag("p", { class: "verdict", role: "status" }, say(all ? "verdict-good" : "verdict-bad")),
    whole ? null : broken(new NotSealed("page-altered"), 0),
    results.map((one, place) => (one instanceof Error ? broken(one, place) : whole ? sealedText(one, place, sound) : null)),
    await foot());
}

function show(state, ...inside) {
  const focused = document.activeElement?.id;
  const choice = languages.length < 2 ? null : tag("nav", { class: "languages", "aria-label": say("languages") }, languages.map((one) =>
    tag("button", { type: "button", id: `language-${one}`, lang: one, ...(one === language ? { "aria-current": "true" } : {}),
      onclick: () => { language = one; draw(); } }, NAMES[one])));
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  // A body of our own: the one that came could have attributes, or a shadow in which other words stand.
  document.body.replaceWith(tag("body", {}, tag("main", { class: state }, choice, ...inside)));
  if (focused) document.getElementById(focused)?.focus();
}

addEventListener("DOMContentLoaded", start);
