// Keeps what is being typed, says how strong a passphrase is, counts down to the lock. The pages work without it.
"use strict";

// What is typed is kept while it is typed, one keeping after another. What cannot be kept is said and tried again, and no form is
// sent before it is kept: a desk that has ended takes no words with it.
const AFTER_MS = 400, AGAIN_MS = 4000, FAREWELL_CHARS = 60000; // a browser sends no more than 64 KiB for a page that is left
const unsaved = new Set();
let locked = false;
const leave = () => { if (locked && unsaved.size === 0) location.reload(); };
addEventListener("locked", () => { locked = true; leave(); });

for (const form of document.querySelectorAll("form[data-draft]")) {
  const unkept = form.querySelector(".unkept");
  let timer = 0, typed = 0, keeping = null;
  const post = (how) => fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), ...how });
  const sentence = async () => {
    try {
      const answer = await post({});
      return answer.ok ? null : await answer.text();
    } catch {
      return "";
    }
  };
  const keep = async () => {
    clearTimeout(timer);
    while (keeping) await keeping;
    if (!unsaved.has(form)) return true;
    const upTo = typed;
    keeping = sentence();
    const why = await keeping;
    keeping = null;
    unkept.hidden = why === null;
    if (why === null) {
      if (typed === upTo) unsaved.delete(form);
      leave();
      return true;
    }
    unkept.querySelector("bdi").textContent = why;
    timer = setTimeout(keep, AGAIN_MS);
    return false;
  };
  form.addEventListener("input", () => {
    typed += 1;
    unsaved.add(form);
    clearTimeout(timer);
    timer = setTimeout(keep, AFTER_MS);
  });
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => {
    if (!unsaved.has(form)) return;
    event.preventDefault();
    keep().then((kept) => { if (kept) form.submit(); else unkept.scrollIntoView({ block: "nearest" }); });
  });
  addEventListener("pagehide", () => {
    const short = [...new FormData(form).values()].join("").length < FAREWELL_CHARS;
    if (unsaved.has(form) && short) post({ keepalive: true });
  });
}

const strengthOf = (passphrase) => {
  const typed = passphrase.trim().toLowerCase();
  const words = new Set(typed.split(/[\s.,-]+/).filter((word) => word.length > 2)).size;
  if (new Set(typed).size < 7) return "weak";
  if (words >= 4 && typed.length >= 18) return "strong";
  return words >= 3 || typed.length >= 16 ? "fair" : "weak";
};
for (const field of document.querySelectorAll("input[data-strength]")) {
  const told = document.getElementById(field.dataset.strength);
  field.addEventListener("input", () => {
    const kind = strengthOf(field.value);
    told.textContent = told.dataset[kind];
    told.className = kind === "weak" ? "warn" : "note";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const locking = document.getElementById("locking");
if (locking) {
  addEventListener("locking", (event) => {
    locking.hidden = false;
    locking.querySelector("[role=timer]").textContent = locking.dataset.seconds.replace("#", event.detail.data);
  });
  addEventListener("staying", () => { locking.hidden = true; });
  locking.querySelector("button").addEventListener("click", () => {
    locking.hidden = true;
    fetch(locking.dataset.stay, { method: "POST", body: new URLSearchParams({ csrf: locking.dataset.csrf }) });
  });
}

const peek = document.getElementById("peek");
if (peek) {
  const all = document.documentElement.classList;
  peek.addEventListener("click", () => { all.add("peek"); setTimeout(() => all.remove("peek"), 10000); });
}

// That something came, and never what: one sentence, always the same, unless somebody looks at a page of this desk in any tab.
const news = document.body.dataset.news;
if (news && "Notification" in window) {
  const tabs = new BroadcastChannel("desk"), looking = () => !document.hidden && document.hasFocus();
  let seen = false, told = null;
  tabs.addEventListener("message", ({ data }) => {
    if (data === "who looks?" && looking()) tabs.postMessage("somebody");
    if (data === "somebody") seen = true;
  });
  const tell = () => {
    if (seen || looking()) return;
    told = new Notification(news, { tag: "news" });
    told.onclick = () => focus();
  };
  addEventListener("came", () => {
    if (Notification.permission !== "granted" || looking()) return;
    seen = false;
    tabs.postMessage("who looks?");
    setTimeout(tell, 300);
  });
  addEventListener("focus", () => { if (told) told.close(); });
}
const permission = () => {
  const now = "Notification" in window ? Notification.permission : "none";
  for (const each of document.querySelectorAll("[data-permission]")) each.hidden = each.dataset.permission !== now;
};
permission();
for (const button of document.querySelectorAll("[data-permission] button")) {
  button.addEventListener("click", () => Notification.requestPermission().then(permission));
}
const asked = document.querySelector("form[data-notify]");
if (asked && "Notification" in window) {
  asked.addEventListener("submit", (event) => {
    if (asked.querySelector("[name=on]") && Notification.permission === "default") {
      event.preventDefault();
      Notification.requestPermission().then(() => asked.submit());
    }
  });
}

// A desk that was ended, or that fell: nothing is sent into the void, and what is typed stays where it is.
const gone = document.getElementById("gone");
if (gone) {
  addEventListener("htmx:sse:error", () => { gone.hidden = false; });
  addEventListener("htmx:sse:after:connection", () => { gone.hidden = true; });
  addEventListener("submit", (event) => { if (!gone.hidden) { event.preventDefault(); gone.scrollIntoView(); } }, true);
}
