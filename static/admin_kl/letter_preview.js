// Shows the letter as it is typed, beside its form, and says below a field what is wrong in it. Nothing is saved by it:
// where the server cannot be reached, the form stays as it is, and the letter is shown again once it can.

const WAIT = 400; // Milliseconds after the last key.
const RETRY = 5_000;
const TOO_LONG = 15_000;

const preview = document.querySelector(".letter-preview");
const form = document.getElementById(preview.dataset.form);
const paper = preview.querySelector(".letter-paper").shadowRoot?.querySelector(".paper");
const status = preview.querySelector(".letter-preview-status");
const parts = {
  letter: paper,
  standing: preview.querySelector(".letter-standing"),
  placeholders: preview.querySelector(".placeholders dl"),
};

let timer = 0;
let request = new AbortController();
const shown = {};

const token = form.elements.csrfmiddlewaretoken;
let isRenewed = false;

/** Logging in again in another window has made the page's own token an old one. The cookie is not for scripts to read. */
async function renewToken() {
  const page = await fetch(location.href, { signal: AbortSignal.timeout(TOO_LONG) });
  const now = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
  token.value = now?.value ?? token.value;
  isRenewed = true;
}

/** What is typed, without the files: they go when the letter is saved. */
function typed() {
  const texts = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  return new URLSearchParams(texts);
}

function say(sentence) {
  if (status.textContent !== sentence) status.textContent = sentence;
}

/** Below the field `id` its problems, and nothing where there are none. */
function sayAtField(id, sentences) {
  const field = document.getElementById(id);
  if (!field) return;
  const refused = document.getElementById(`${id}_error`);
  let help = document.getElementById(`${id}_helptext`);
  let list = help?.querySelector(".problems-here");
  if (!sentences.length) {
    list?.remove();
    if (!refused) field.removeAttribute("aria-invalid");
    return;
  }
  if (!help) {
    help = document.createElement("div");
    help.className = "help";
    help.id = `${id}_helptext`;
    help.append(document.createElement("div"));
    (field.closest(".flex-container") ?? field).after(help);
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), help.id].filter(Boolean).join(" "));
  }
  if (!list) {
    list = document.createElement("ul");
    list.className = "problems-here";
    (help.firstElementChild ?? help).prepend(list);
  }
  list.replaceChildren(
    ...sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
  field.setAttribute("aria-invalid", "true");
}

function show(answer) {
  for (const [name, element] of Object.entries(parts)) {
    // What stays the same is left alone, and with it the place in it at which somebody reads.
    if (shown[name] !== answer[name]) element.innerHTML = shown[name] = answer[name];
  }
  const before = [...form.querySelectorAll(".problems-here")].map((list) => list.closest(".help").id.replace(/_helptext$/, ""));
  for (const id of new Set([...before, ...Object.keys(answer.fields)])) sayAtField(id, answer.fields[id] ?? []);
  document.dispatchEvent(new CustomEvent("letter:shown"));
}

async function ask() {
  request = new AbortController();
  const mine = request;
  let sentence = preview.dataset.unreachable;
  try {
    const response = await fetch(preview.dataset.url, {
      method: "POST",
      body: typed(),
      headers: { "X-CSRFToken": token.value },
      redirect: "manual",
      signal: AbortSignal.any([mine.signal, AbortSignal.timeout(TOO_LONG)]),
    });
    if (response.status === 403 && !isRenewed) {
      await renewToken();
      soon(0);
      return;
    }
    if (response.ok) {
      isRenewed = false;
      show(await response.json());
      // Said only after something else was.
      say(status.textContent && status.textContent !== preview.dataset.again ? preview.dataset.again : "");
      return;
    }
    if (response.type === "opaqueredirect") {
      sentence = preview.dataset.loggedOut;
    } else if (response.status < 500) {
      sentence = (await response.json().catch(() => ({}))).message ?? preview.dataset.failed;
    }
  } catch (error) {
    if (mine.signal.aborted) return;
    if (!["TypeError", "TimeoutError"].includes(error.name)) throw error;
  }
  if (mine.signal.aborted) return;
  say(sentence);
  soon(RETRY);
}

function soon(wait = WAIT) {
  clearTimeout(timer);
  request.abort();
  timer = setTimeout(ask, wait);
}

let isTyped = false;

if (paper) {
  const changed = () => {
    isTyped = true;
    soon();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  document.addEventListener("formset:added", changed);
  document.addEventListener("formset:removed", changed);
  // A calendar and a list of choices set a field without telling.
  form.addEventListener("click", (event) => {
    if (event.target.closest(".datetimeshortcuts, .calendarbox, .clockbox")) soon();
  });
  // Back from where a fact of the meeting was put right, or from logging in.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) soon(0);
  });
  window.addEventListener("online", () => soon(0));
  // A browser that goes back puts what was typed into the form again.
  window.addEventListener("pageshow", () => soon(0));

  window.addEventListener("beforeunload", (event) => {
    if (isTyped) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget !== "_blank") isTyped = false;
  });
}
