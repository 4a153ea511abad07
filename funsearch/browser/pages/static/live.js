// A run that goes on: puts what is new where it belongs, as text, until the run ends.
"use strict";

const run = document.querySelector("[data-events]");
const part = (name) => run.querySelector(`[data-live="${name}"]`);

function say(name, text) {
  const element = part(name);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function span(seconds) {
  if (seconds < 100) return `${seconds} s`;
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours === 0
    ? `${minutes}:${two(seconds % 60)}`
    : `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const number = (value) => (value === null ? "–" : String(Number(Number(value).toPrecision(10))));

function cell(child) {
  const made = document.createElement("td");
  made.append(child);
  return made;
}

function show(rows) {
  const body = part("rows");
  if (body === null) return;
  for (const row of [...rows].reverse()) {
    const link = document.createElement("a");
    link.className = "id";
    link.href = body.dataset.program + encodeURIComponent(row.id);
    link.textContent = row.id.slice(0, 12);
    const verdict = (row.status || "not judged yet").replaceAll("_", " ");
    const line = document.createElement("tr");
    line.append(cell(link), cell(number(row.score)), cell(verdict), cell(row.sampler));
    line.children[1].className = "right";
    body.prepend(line);
  }
  while (body.children.length > 10) body.lastElementChild.remove();
}

let best = part("best-link")?.getAttribute("href") ?? null;

function better(found) {
  const path = part("rows").dataset.program + found.id;
  if (path === best) return;
  best = path;
  say("best", number(found.score));
  const link = part("best-link");
  if (link !== null) {
    link.href = path;
    link.textContent = found.id.slice(0, 12);
  }
  htmx.trigger("#course", "news-best");
}

const source = new EventSource(`${run.dataset.events}?since=${run.dataset.since}`);

source.addEventListener("news", (event) => {
  const news = JSON.parse(event.data);
  say("state", news.state);
  say("samples", news.samples.toLocaleString("en"));
  say("programs", news.programs.toLocaleString("en"));
  say("seconds", span(news.seconds));
  if (news.best !== null) better(news.best);
  show(news.rows);
  run.dataset.heard = event.lastEventId;
});

source.addEventListener("end", (event) => {
  source.close();
  say("state", `ended: ${JSON.parse(event.data).state}`);
  run.dataset.ended = "";
  htmx.trigger("#course", "news-best");
});
