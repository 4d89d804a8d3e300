// The receipt's buttons, and the end of what the browser remembered of the form.

document.querySelectorAll("[data-with-print]").forEach((part) => { part.hidden = false; });
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const key of Object.keys(sessionStorage)) {
  if (key.startsWith("typed:")) {
    sessionStorage.removeItem(key);
  }
}
