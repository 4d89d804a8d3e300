// What the pages of the ledger can do beyond links and forms: copy, select all, and the arrow keys in the list.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    // Browsers give the clipboard to pages by https only; what is selected can be copied by hand.
    await navigator.clipboard?.writeText(field.value);
    if (navigator.clipboard) {
      button.textContent = button.dataset.copied;
    }
  });
}

const list = document.querySelector("[data-ledger]");

if (list) {
  const boxes = [...list.querySelectorAll('[name="m"]')];
  const links = [...list.querySelectorAll("[data-row]")];
  const all = list.querySelector("[data-select-all]");
  const write = list.querySelector("[data-write]");
  const number = list.querySelector("[data-selected]");
  let latest = null;

  const count = () => {
    const selected = boxes.filter((box) => box.checked).length;
    number.textContent = selected ? ` (${selected})` : "";
    write.disabled = selected === 0;
    all.checked = selected === boxes.length;
    all.indeterminate = selected > 0 && selected < boxes.length;
  };

  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      boxes.forEach((box) => (box.checked = all.checked));
      count();
    });
    // With the shift key all from the last one that was pressed to this one.
    list.addEventListener("click", ({ target, shiftKey }) => {
      if (!boxes.includes(target)) {
        return;
      }
      if (shiftKey && latest) {
        const [from, to] = [boxes.indexOf(latest), boxes.indexOf(target)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((box) => (box.checked = target.checked));
      }
      latest = target;
      count();
    });
    // Back restores what was selected.
    window.addEventListener("pageshow", count);
    count();
  }

  // Up and down go to the same place in the next row.
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const column = [links, boxes].find((elements) => elements.includes(document.activeElement));
    const next = column?.[column.indexOf(document.activeElement) + step];
    if (step && next) {
      event.preventDefault();
      next.focus();
    }
  });
}
