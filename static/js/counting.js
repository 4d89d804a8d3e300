// Counts what is left of a text while it is typed. Without it the hint says how long the text may be. A screen reader
// hears the count once the typing pauses, near the end.

const PAUSE = 1000;
const NEAR = 0.1;

function lineOf(text) {
  const hint = document.getElementById(`${text.id}_helptext`);
  return hint.querySelector("[data-count]") ?? hint;
}

// Shows what is left, and returns what is to be heard.
function count(text) {
  const line = lineOf(text);
  const most = Number(text.dataset.maxLength);
  const left = most - [...text.value].length;
  const words = left < 0 ? text.form.dataset.charactersOver : text.form.dataset.charactersLeft;
  line.textContent = words.replace("{number}", Math.abs(left).toLocaleString(document.documentElement.lang));
  line.classList.toggle("message", left < 0);
  return left < most * NEAR ? line.textContent : "";
}

for (const form of document.querySelectorAll("[data-characters-left]")) {
  const aloud = document.createElement("p");
  let pause = 0;
  aloud.className = "visually-hidden";
  aloud.setAttribute("aria-live", "polite");
  form.append(aloud);
  form.querySelectorAll("[data-max-length]").forEach(count);
  // Fields that are added or filled in by another module say so by an event of their own.
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-max-length]")) {
      const words = count(event.target);
      clearTimeout(pause);
      pause = setTimeout(() => { aloud.textContent = words; }, PAUSE);
    }
  });
}
