// A box at the head of the table that chooses all rows of the page. Without JavaScript each is chosen by itself.

const head = document.querySelector("[data-choose-all]");

if (head) {
  const boxes = [...document.querySelectorAll('#choose-rows tbody input[type="checkbox"]')];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", head.dataset.chooseAll);

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    show();
  });
  for (const box of boxes) {
    box.addEventListener("change", show);
  }
  if (boxes.length) {
    head.replaceChildren(all);
  }
  // A browser that goes back keeps what was ticked.
  window.addEventListener("pageshow", show);
}
