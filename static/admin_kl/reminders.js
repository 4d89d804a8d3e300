// Choosing among the municipalities: all, none, and how many. Without it one ticks them one by one.

const form = document.querySelector("[data-choose]");

if (form) {
  const boxes = [...form.querySelectorAll('[name="municipality"]')];
  const count = form.querySelector("[data-choose-count]");

  const show = () => {
    count.textContent = count.dataset.text.replace("{number}", boxes.filter((box) => box.checked).length);
  };
  const tick = (checked) => {
    for (const box of boxes) box.checked = checked;
    show();
  };

  form.querySelector("[data-choose-all]").addEventListener("click", () => tick(true));
  form.querySelector("[data-choose-none]").addEventListener("click", () => tick(false));
  form.addEventListener("change", show);
  form.querySelector("[data-choose-buttons]").hidden = false;
  show();
}
