// What the form can do without going to the server: add and remove rows of participants, remember what was typed.
// Without it the same buttons send the form, which comes back with all that was typed.

const form = document.querySelector("[data-registration-form]");
const list = form.querySelector("[data-participants]");
const blank = form.querySelector("[data-blank-participant]");
const announcement = form.querySelector("[data-announcement]");

const rows = () => [...list.querySelectorAll("[data-participant]")];
const rowOf = (participant) => Number(participant.querySelector('[name="row"]').value);
const withNumber = (text, number) => text.replace("{number}", number);

function renumber() {
  const all = rows();
  all.forEach((participant, index) => {
    const heading = withNumber(announcement.dataset.heading, index + 1);
    participant.querySelector("[data-participant-heading]").textContent = heading;
    participant.querySelector("[data-participant-number]").textContent = ` ${index + 1}`;
    participant.querySelector("[data-remove-participant]").hidden = all.length === 1;
  });
}

function append(row) {
  const participant = blank.content.cloneNode(true);
  for (const element of participant.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replaceAll("__row__", row);
    }
  }
  list.append(participant);
  recount(rows().at(-1));
  renumber();
}

function add() {
  const row = Math.max(...rows().map(rowOf)) + 1;
  append(row);
  announcement.textContent = withNumber(announcement.dataset.added, rows().length);
  rows().at(-1).querySelector(`[name="participant-${row}-name"]`).focus();
}

function remove(participant) {
  const number = rows().indexOf(participant) + 1;
  participant.remove();
  renumber();
  announcement.textContent = withNumber(announcement.dataset.removed, number);
  document.getElementById("participants").focus();
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-remove-participant]")) {
    event.preventDefault();
    remove(button.closest("[data-participant]"));
  } else if (button?.matches("[data-add-participant]") && rows().length < Number(form.dataset.mostParticipants)) {
    event.preventDefault();
    add();
  }
});

// `counting.js` counts anew what was filled in here.
function recount(part) {
  part.querySelectorAll("[data-max-length]").forEach((text) => {
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Back restores what was typed, but not the rows that were added here: those are kept with the entry of the history.
// A tab that crashed or was loaded again has no such entry: for it there is a copy in the tab's own storage, without
// what nobody but the secretariat is to see, until the receipt is there.
const copy = "keepAs" in form.dataset ? `typed:${form.dataset.keepAs}` : "";
const PAUSE = 300;

function typed() {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
}

// What a participant may not eat, or needs to take part.
const isPrivate = (name) => /-needs(_|$)/.test(name);

function same(one, other) {
  const words = (list) => JSON.stringify(list.filter(([name]) => !["submission_key", "opened"].includes(name)));
  return words(one) === words(other);
}

function keepCopy() {
  if (!copy) {
    return;
  }
  const kept = typed().filter(([name]) => !isPrivate(name));
  try {
    if (same(kept, untouched)) {
      sessionStorage.removeItem(copy);
    } else {
      sessionStorage.setItem(copy, JSON.stringify(kept));
    }
  } catch {
    // The browser is set to keep nothing.
  }
}

function readCopy() {
  try {
    return copy && "blank" in form.dataset ? JSON.parse(sessionStorage.getItem(copy)) : null;
  } catch {
    return null;
  }
}

function keep() {
  history.replaceState({ typed: typed() }, "");
  keepCopy();
}

function restore(kept) {
  const keptRows = kept.filter(([name]) => name === "row").map(([, value]) => Number(value));
  keptRows.filter((row) => !rows().map(rowOf).includes(row)).forEach(append);
  rows().filter((participant) => !keptRows.includes(rowOf(participant))).forEach((participant) => participant.remove());
  renumber();
  form.querySelectorAll("[type=checkbox]").forEach((box) => {
    box.checked = kept.some(([name]) => name === box.name);
  });
  for (const [name, value] of kept.filter(([name]) => name !== "row")) {
    const field = form.elements[name];
    if (field && field.type !== "checkbox") {
      field.value = value;
    }
  }
  recount(form);
}

const untouched = typed().filter(([name]) => !isPrivate(name));
let pause = 0;

function keepInAMoment() {
  clearTimeout(pause);
  pause = setTimeout(keepCopy, PAUSE);
}

form.addEventListener("input", keepInAMoment);
window.addEventListener("pagehide", keep);

const before = readCopy();
if (history.state?.typed) {
  restore(history.state.typed);
} else if (before) {
  restore(before);
  const note = form.querySelector("[data-restored]");
  note.hidden = false;
  note.querySelector("button").addEventListener("click", () => {
    // What was restored counts as typed, and would be kept again in a moment.
    clearTimeout(pause);
    form.removeEventListener("input", keepInAMoment);
    window.removeEventListener("pagehide", keep);
    sessionStorage.removeItem(copy);
    // Not loaded again, since then the browser would fill in what stood there.
    location.replace(form.getAttribute("action"));
  });
}
