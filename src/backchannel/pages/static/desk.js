// Keeps what is being typed, and says how strong a passphrase is. The pages work without it.
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

const strength = document.getElementById("strength");
if (strength) {
  strength.closest("form").passphrase.addEventListener("input", (event) => {
    const words = new Set(event.target.value.trim().toLowerCase().split(/[\s.,-]+/).filter((word) => word.length > 2)).size;
    const long = event.target.value.trim().length;
    const kind = words >= 4 && long >= 18 ? "strong" : words >= 3 || long >= 16 ? "fair" : "weak";
    strength.textContent = strength.dataset[kind];
    strength.className = kind === "weak" ? "warn" : "note";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

addEventListener("locked", () => location.reload());
