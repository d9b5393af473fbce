// Keeps the counters of a demo's page true while it is looked at, and shows what readers changed.
(() => {
  const EVERY_MS = 2000;
  const line = document.querySelector("p.counters");
  if (!line) return;

  async function count() {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(`/demo/counters?${new URLSearchParams({ id: line.dataset.id })}`);
      if (!answer.ok) return;
      const counters = await answer.json();
      for (const place of line.querySelectorAll("[data-count]")) place.textContent = counters[place.dataset.count].toLocaleString("en");
    } catch {
      // The demo was stopped; the counters stay as they are.
    }
  }
  setInterval(count, EVERY_MS);
  const learned = document.querySelector("#learned");
  if (!learned) return;
  learned.scrollIntoView({ block: "start" });
  // The address is that of the page again: loaded again it shows the page, and calls no more readers.
  history.replaceState(null, "", learned.dataset.page);
})();
