// The end of what the browser remembered of the form: it has been sent.

for (const key of Object.keys(sessionStorage)) {
  if (key.startsWith("typed:")) {
    sessionStorage.removeItem(key);
  }
}
