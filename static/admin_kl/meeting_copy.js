// Copying a meeting: when a session's day is typed, the fields that nobody has touched follow.

const form = document.querySelector("[data-suggestions]");
const remarks = form.querySelector(".copy-remarks ul");
const days = [...form.elements].filter((field) => /^session-\d+$/.test(field.name));
const shown = new Map([...form.elements].filter((field) => field.type === "text").map((field) => [field, field.value]));
const typed = () => new URLSearchParams(days.map((field) => [field.name, field.value])).toString();
let asked = typed();

async function suggest() {
  const wanted = typed();
  if (wanted === asked) return;
  asked = wanted;
  const answer = await fetch(`${form.dataset.suggestions}?${wanted}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || wanted !== asked) return;
  const suggested = await answer.json();
  for (const [name, value] of Object.entries(suggested.fields)) {
    const field = form.elements[name];
    // What somebody has written stays.
    if (!field || field.value !== shown.get(field)) continue;
    field.value = value;
    shown.set(field, value);
  }
  remarks.replaceChildren(
    ...suggested.remarks.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
  remarks.hidden = !suggested.remarks.length;
}

// The calendar writes into the field without saying so, and then gives it the focus.
for (const event of ["change", "focusin", "focusout"]) form.addEventListener(event, suggest);
