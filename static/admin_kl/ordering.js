// Rows that stand in an order: moved by their handle, by two buttons, by Alt and an arrow key, or by a number.
// What is sent are the numbers; without this file one types them.

const ROW = "[data-row], tr.form-row, .inline-related:not(.tabular)";
const EDGE = 60; // Pixels from the edge of the window within which dragging scrolls the page.
const words = document.querySelector(".order-tools-template");

const rowOf = (element) => element.closest(ROW);
const own = (row, selector) => [...row.querySelectorAll(selector)].filter((found) => rowOf(found) === row);
const numberOf = (row) => own(row, "input.order")[0];
const headingOf = (row) => (row.previousElementSibling?.matches(".row-form-errors") ? row.previousElementSibling : null);
const isRow = (element) => element.matches(ROW) && !element.classList.contains("empty-form") && Boolean(numberOf(element));
const rowsOf = (list) => [...list.children].filter(isRow);

/** Whether the row is ticked to be deleted. */
const isRemoved = (row) => own(row, 'input[name$="-DELETE"]').some((tick) => tick.checked);

/** Whether nothing has been typed in a row that is not stored: it is no row yet, and gets no number. */
function isBlank(row) {
  const stored = own(row, 'input[type="hidden"][name$="-id"]').some((id) => id.value);
  const typed = [...row.querySelectorAll("input, select, textarea")].some((field) => {
    if (field.type === "hidden" || field.matches('.order, [name$="-DELETE"]')) return false;
    return field.type === "checkbox" ? field.checked : Boolean(field.value);
  });
  return !stored && !typed;
}

const counts = (row) => !isRemoved(row) && !isBlank(row);

/** The row above (-1) or below (1) that has a place. */
function neighbour(row, step) {
  const rows = rowsOf(row.parentElement).filter((other) => other === row || counts(other));
  return rows[rows.indexOf(row) + step];
}

/** What the row is called: the first words in it, but for numbers and times of day. */
function nameOf(row) {
  for (const field of own(row, "input, select, textarea")) {
    if (field.matches('.order, .time, [type="hidden"], [type="checkbox"], [type="file"], [type="number"]')) continue;
    const text = field.matches("select") ? (field.value ? field.selectedOptions[0].text : "") : field.value.trim();
    if (text) return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  }
  return words.dataset.nameless;
}

function insertBefore(row, place, list = row.parentElement) {
  const heading = headingOf(row);
  list.insertBefore(row, place);
  if (heading) row.before(heading);
}

/** Move the row past its neighbour. It is the neighbour that leaves its place, so the row keeps the focus. */
function pass(row, other, step) {
  if (step < 0) insertBefore(other, row.nextSibling);
  else insertBefore(other, headingOf(row) ?? row);
}

function renumber(list) {
  let number = 0;
  for (const row of rowsOf(list)) numberOf(row).value = counts(row) ? ++number : "";
}

/** Put the rows in this order, without losing the focus. */
function arrange(list, rows) {
  const focused = document.activeElement;
  const marker = document.createComment("");
  const first = rowsOf(list)[0];
  list.insertBefore(marker, headingOf(first) ?? first);
  for (const row of rows) insertBefore(row, marker);
  marker.remove();
  if (list.contains(focused)) focused.focus({ preventScroll: true });
}

/** Show the rows in the order of their numbers: a page with mistakes comes back with what was typed. */
function sort(list) {
  const rows = rowsOf(list);
  const sorted = [...rows].sort((a, b) => (Number(numberOf(a).value) || Infinity) - (Number(numberOf(b).value) || Infinity) || 0);
  if (sorted.some((row, place) => row !== rows[place])) arrange(list, sorted);
}

const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");

function say(sentence, row) {
  const rows = rowsOf(row.parentElement).filter((other) => other === row || counts(other));
  status.textContent = sentence
    .replace("{name}", nameOf(row))
    .replace("{place}", rows.indexOf(row) + 1)
    .replace("{count}", rows.length);
}

function moved(row) {
  renumber(row.parentElement);
  say(words.dataset.moved, row);
  // Who follows what is typed, such as a preview, hears of it.
  numberOf(row).dispatchEvent(new Event("input", { bubbles: true }));
}

function move(row, step) {
  const other = neighbour(row, step);
  if (!other) {
    say(step < 0 ? words.dataset.first : words.dataset.last, row);
    return;
  }
  pass(row, other, step);
  row.scrollIntoView({ block: "nearest" });
  moved(row);
}

/** Take the row to the place that was typed, the last where there is none. */
function moveTo(row, place) {
  const list = row.parentElement;
  const others = rowsOf(list).filter((other) => other !== row);
  const counted = others.filter(counts);
  const before = counted[place - 1];
  const at = place >= 1 && before ? others.indexOf(before) : others.length;
  arrange(list, [...others.slice(0, at), row, ...others.slice(at)]);
  moved(row);
}

function enhance(row) {
  const number = numberOf(row);
  if (!number || number.disabled || own(row, ".order-tools").length) return;
  number.after(words.content.firstElementChild.cloneNode(true));
  label(row);
}

function label(row) {
  for (const button of own(row, ".order-step")) {
    button.setAttribute("aria-label", button.dataset.label.replace("{name}", nameOf(row)));
  }
}

/** Follow the pointer until it is let go; Escape puts the row back. */
function drag(handle, pointer, start) {
  const row = rowOf(handle);
  const list = row.parentElement;
  const before = rowsOf(list);
  const listening = new AbortController();
  let y = start;
  let frame = 0;

  const middle = (other) => {
    const { top, height } = other.getBoundingClientRect();
    return top + height / 2;
  };
  const follow = () => {
    for (const step of [-1, 1]) {
      for (let other = neighbour(row, step); other && (y - middle(other)) * step > 0; other = neighbour(row, step)) {
        pass(row, other, step);
      }
    }
  };
  const scroll = () => {
    const beyond = Math.min(y - EDGE, 0) + Math.max(y - (window.innerHeight - EDGE), 0);
    if (beyond) {
      window.scrollBy(0, beyond / 4);
      follow();
    }
    frame = requestAnimationFrame(scroll);
  };
  const end = (keep) => {
    listening.abort();
    cancelAnimationFrame(frame);
    row.classList.remove("dragged");
    if (!keep) arrange(list, before);
    if (keep && rowsOf(list).some((other, place) => other !== before[place])) moved(row);
  };
  const listen = (type, listener) => document.addEventListener(type, listener, { signal: listening.signal });

  handle.setPointerCapture(pointer);
  row.classList.add("dragged");
  listen("pointermove", (event) => {
    y = event.clientY;
    follow();
  });
  listen("pointerup", () => end(true));
  listen("pointercancel", () => end(false));
  listen("keydown", (event) => {
    if (event.key === "Escape") end(false);
  });
  frame = requestAnimationFrame(scroll);
}

if (words) {
  document.body.append(status);
  const numbers = [...document.querySelectorAll("input.order")];
  const rows = numbers.map(rowOf).filter((row) => row && isRow(row));
  for (const list of new Set(rows.map((row) => row.parentElement))) sort(list);
  rows.forEach(enhance);

  document.addEventListener("formset:added", (event) => {
    for (const row of [event.target, ...event.target.querySelectorAll(ROW)].filter(isRow)) enhance(row);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".order-step");
    if (button) move(rowOf(button), Number(button.dataset.step));
  });
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".order-handle");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    drag(handle, event.pointerId, event.clientY);
  });
  document.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    // In a list of choices, Alt and an arrow key open it.
    if (!step || !event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select")) return;
    const row = rowOf(event.target);
    if (!row || !isRow(row)) return;
    event.preventDefault();
    move(row, step);
  });
  document.addEventListener("change", (event) => {
    const row = rowOf(event.target);
    if (!row || !isRow(row)) return;
    if (event.target.matches(".order")) {
      const place = Number(event.target.value) || 0;
      // Once the focus has gone where it was going.
      setTimeout(() => moveTo(row, place));
      return;
    }
    for (let each = row; each; each = rowOf(each.parentElement)) {
      if (isRow(each)) {
        renumber(each.parentElement);
        label(each);
      }
    }
  });
}
