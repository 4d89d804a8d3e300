// Sending a form: once at a time, and only while there is a connection. Without it the browser would show a page of its
// own instead of the form, and many people would never find back to what they had typed.

// Milliseconds: how long to wait for the server's sign of life, and when a form may be sent again that got no answer.
const PATIENCE = 4000;
const AGAIN = 15000;

// Any small file of ours will do.
const sign = document.querySelector('link[rel="icon"]').href;

async function hasConnection() {
  if (!navigator.onLine) {
    return false;
  }
  try {
    await fetch(sign, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch (error) {
    return error.name === "TimeoutError"; // slow is not gone: the form has all the time that the browser gives it
  }
}

function watch(form) {
  const warning = document.querySelector("[data-connection]");
  let isSending = false;
  let isSure = false;

  function rest() {
    isSending = false;
    isSure = false;
  }

  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || isSure) {
      return;
    }
    event.preventDefault();
    if (isSending) {
      return;
    }
    isSending = true;
    const button = event.submitter;
    warning.hidden = true;
    warning.textContent = "";
    if (await hasConnection()) {
      isSure = true;
      form.requestSubmit(button);
      setTimeout(rest, AGAIN);
    } else {
      rest();
      // Beside the button: that is where one looks, and it may be a long way from there to the top.
      (button?.closest(".actions") ?? form.querySelector(".actions:last-of-type"))?.before(warning);
      warning.hidden = false;
      warning.textContent = warning.dataset.connection;
      warning.scrollIntoView({ block: "nearest" });
    }
  });

  // Back may find this page as it was left.
  window.addEventListener("pageshow", rest);
}

if ("requestSubmit" in HTMLFormElement.prototype && "timeout" in AbortSignal) {
  document.querySelectorAll("form[data-sending]").forEach(watch);
}

// Browsers do this by themselves, but not where the address names a part of the page.
document.querySelector("main [autofocus]")?.focus();
