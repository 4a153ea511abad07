// Habits: keys, and buttons that copy. Every page is whole without this script.
"use strict";

const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

function follow(key) {
  const link = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (link !== null) link.click();
  return link !== null;
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field === null) return follow("/");
  field.focus();
  field.select();
  return true;
}

function step(by) {
  const links = [...document.querySelectorAll("[data-row]")]
    .map((row) => row.querySelector("a"))
    .filter((link) => link !== null && link.offsetParent !== null);
  if (links.length === 0) return follow(by > 0 ? "j" : "k");
  const row = document.activeElement.closest("[data-row]");
  const here = row === null ? -1 : links.indexOf(row.querySelector("a"));
  const next = Math.max(0, Math.min(links.length - 1, here + by));
  links[here < 0 ? 0 : next].focus();
  return true;
}

const keys = {
  "/": search,
  "j": () => step(1),
  "k": () => step(-1),
  "d": () => follow("d"),
  "p": () => follow("p"),
  "l": () => follow("l"),
  "?": () => follow("?"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target) || !Object.hasOwn(keys, event.key)) return;
  if (keys[event.key]()) event.preventDefault();
});

async function copy(text) {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  // Without TLS, on another machine, browsers have only the old way.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

for (const element of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await copy(element.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  element.after(button);
}
