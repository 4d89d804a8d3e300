// Helps with writing a letter: puts a placeholder where one was typing, and lets the fields grow with their text.

const form = document.getElementById(document.querySelector(".letter-preview").dataset.form);
const placeholders = document.querySelector(".placeholders");
const WRITABLE = '#id_recipients, #id_title, #id_salutation, #id_closing, [name^="sections-"]:is([name$="-heading"], [name$="-text"])';

let last = null;
form.addEventListener("focusin", (event) => {
  if (event.target.matches(WRITABLE)) last = event.target;
});

function insert(text) {
  const field = last?.isConnected ? last : form.querySelector('[name^="sections-"][name$="-text"]');
  field.focus();
  // As if it were typed: the browser can undo it, and whoever follows what is typed hears of it.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function makeButtons() {
  for (const code of placeholders.querySelectorAll("code[data-placeholder]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "placeholder";
    button.textContent = code.textContent;
    button.addEventListener("click", () => insert(button.textContent));
    code.replaceWith(button);
  }
}

placeholders.querySelector(".scripted").hidden = false;
document.addEventListener("letter:shown", makeButtons);
makeButtons();

// Where the style sheet alone cannot make them grow.
if (!CSS.supports("field-sizing", "content")) {
  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  };
  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) grow(event.target);
  });
  form.querySelectorAll("textarea").forEach(grow);
}
