// Buttons that print the page; without JavaScript neither they nor the words about them are there.

for (const part of document.querySelectorAll("[data-print], [data-with-print]")) {
  part.hidden = false;
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
