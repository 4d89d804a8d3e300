// How many letters are ready, asked every other second; the page is shown anew once all are.

const PAUSE = 2000;

for (const box of document.querySelectorAll("[data-progress]")) {
  const bar = box.querySelector("progress");
  const number = box.querySelector(".ready");
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const { ready, total } = await answer.json();
        bar.value = ready;
        number.textContent = ready;
        if (ready === total) {
          location.reload();
          return;
        }
      }
    } catch {
      // The server is away for a moment; it is asked again.
    }
    setTimeout(ask, PAUSE);
  };
  setTimeout(ask, PAUSE);
}
