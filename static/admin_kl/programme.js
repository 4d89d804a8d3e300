// The programme of a meeting: a button adds an item, and within each item another adds a theme.

/** A copy of the template with its number in place of `__prefix__`. */
function filled(template, placeholder, prefix) {
  const copy = template.content.cloneNode(true);
  for (const element of copy.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes(placeholder)) element.setAttribute(name, value.replace(placeholder, prefix));
    }
  }
  return copy.firstElementChild;
}

/** Add the row after those of `prefix`, counting those that only a page without JavaScript shows as free. */
function add(button, template, placeholder, prefix) {
  const rows = button.parentElement.querySelector(":scope > .rows");
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  let number = 0;
  while (document.getElementById(`${prefix}-${number}`)) number += 1;
  total.value = Math.max(Number(total.value), number + 1);
  const row = filled(template, placeholder, `${prefix}-${number}`);
  rows.append(row);
  row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: prefix } }));
  row.querySelector('input:not([type="hidden"], .order), textarea')?.focus();
}

for (const group of document.querySelectorAll(".inline-group.programme")) {
  const prefix = group.id.replace(/-group$/, "");
  const template = (name) => group.querySelector(`template[data-new="${name}"]`);
  const show = (part) => part.querySelectorAll("[data-add]").forEach((button) => (button.hidden = false));

  show(group);
  group.addEventListener("formset:added", (event) => show(event.target));
  group.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add]");
    if (!button) return;
    if (button.dataset.add === "item") {
      add(button, template("item"), `${prefix}-__prefix__`, prefix);
    } else {
      const themes = `${button.closest(".item-card").id}-themes`;
      add(button, template("theme"), `${prefix}-__prefix__-themes-__prefix__`, themes);
    }
  });
}
