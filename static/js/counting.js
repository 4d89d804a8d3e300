// Counts what is left of a text while it is typed. Without it the hint says how long the text may be.

const withNumber = (text, number) => text.replace("{number}", number);

function count(text) {
  const hint = document.getElementById(`${text.id}_helptext`);
  const line = hint.querySelector("[data-count]") ?? hint;
  const { charactersLeft, charactersOver } = text.form.dataset;
  const left = Number(text.dataset.maxLength) - [...text.value].length;
  line.textContent = withNumber(left < 0 ? charactersOver : charactersLeft, Math.abs(left));
  line.classList.toggle("message", left < 0);
}

for (const form of document.querySelectorAll("[data-characters-left]")) {
  form.querySelectorAll("[data-max-length]").forEach(count);
  // Fields that are added or filled in by another module say so by an event of their own.
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-max-length]")) {
      count(event.target);
    }
  });
}
