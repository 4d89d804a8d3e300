// What the form can do without going to the server: add and remove rows of participants.
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
function keep() {
  const typed = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  history.replaceState({ typed }, "");
}

function restore(typed) {
  const kept = typed.filter(([name]) => name === "row").map(([, value]) => Number(value));
  kept.filter((row) => !rows().map(rowOf).includes(row)).forEach(append);
  rows().filter((participant) => !kept.includes(rowOf(participant))).forEach((participant) => participant.remove());
  renumber();
  form.querySelectorAll("[type=checkbox]").forEach((box) => {
    box.checked = typed.some(([name]) => name === box.name);
  });
  for (const [name, value] of typed.filter(([name]) => name !== "row")) {
    const field = form.elements[name];
    if (field && field.type !== "checkbox") {
      field.value = value;
    }
  }
}

window.addEventListener("pagehide", keep);
if (history.state?.typed) {
  restore(history.state.typed);
  recount(form);
}
