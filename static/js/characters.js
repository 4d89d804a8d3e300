// Below a long text: how many characters are left. A screen reader hears it once the typing pauses, near the end.

const PAUSE = 1000;
const NEAR = 0.9;

function follow(text) {
  const form = text.form;
  const most = Number(text.dataset.maxLength);
  const line = document.getElementById(`${text.id}_helptext`);
  const aloud = document.createElement("span");
  let pause = 0;
  aloud.className = "visually-hidden";
  aloud.setAttribute("aria-live", "polite");
  line.after(aloud);

  function count() {
    const left = most - [...text.value].length;
    const words = left < 0 ? form.dataset.charactersOver : form.dataset.charactersLeft;
    line.textContent = words.replace("{number}", Math.abs(left).toLocaleString(document.documentElement.lang));
    line.classList.toggle("message", left < 0);
    clearTimeout(pause);
    if (left < most * (1 - NEAR)) {
      pause = setTimeout(() => { aloud.textContent = line.textContent; }, PAUSE);
    }
  }

  text.addEventListener("input", count);
  form.addEventListener("restored", count);
  count();
}

document.querySelectorAll("form [data-max-length]").forEach(follow);
