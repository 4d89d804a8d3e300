// A box above each long table that asks for it: only the rows with the words typed there are shown.

const SHORT = 12;

function fold(text) {
  return text.toLocaleLowerCase("da").replaceAll("aa", "å");
}

for (const table of document.querySelectorAll("table[data-filter]")) {
  // Rows of a table with a body for each municipality belong together.
  const bodies = [...table.tBodies];
  const groups = bodies.length > 1 ? bodies : [...(bodies[0]?.rows ?? [])];
  if (groups.length <= SHORT) {
    continue;
  }
  const texts = groups.map((group) => fold(group.textContent));
  const line = document.createElement("p");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  line.className = "row-filter";
  input.type = "search";
  label.append(table.dataset.filter, " ", input);
  line.append(label, count);
  table.before(line);
  input.addEventListener("input", () => {
    const wanted = fold(input.value.trim());
    let shown = 0;
    groups.forEach((group, number) => {
      group.hidden = !texts[number].includes(wanted);
      shown += group.hidden ? 0 : 1;
    });
    count.textContent = wanted ? `${shown} / ${groups.length}` : "";
  });
}
