// Keeps what is being typed, says how strong a passphrase is, counts down to the lock. The pages work without it.
"use strict";

for (const form of document.querySelectorAll("form[data-draft]")) {
  let waiting = 0;
  const keep = () => {
    waiting = 0;
    fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 400); });
  form.addEventListener("submit", () => { clearTimeout(waiting); waiting = 0; });
  addEventListener("pagehide", () => { if (waiting) { clearTimeout(waiting); keep(); } });
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

addEventListener("locked", () => location.reload());

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

// That something came, and never what: the sentence is always the same.
const news = document.body.dataset.news;
if (news && "Notification" in window) {
  const tell = () => {
    if (document.hidden && Notification.permission === "granted") new Notification(news, { tag: "news" });
  };
  for (const kind of ["moved", "elsewhere"]) addEventListener(kind, tell);
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
