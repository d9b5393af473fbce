// Puts the panel into <related-articles url limit endpoint silent>; a panel that the server rendered is left as it is. Then
// tells the server what the page's reader does: a view with the seconds it took, the cards that were seen, and clicks on
// them. No cookie, no storage, no identifier. Nothing is told under Global Privacy Control or with the attribute `silent`.
(() => {
  const SEEN_MS = 1000; // A card is seen after it was half visible for so long.
  const BATCH_MS = 2000; // Seen cards wait so long for others.
  const BOUNCE_S = 10; // For the server a shorter view is a bounce.
  const LARGEST = 20_000; // UTF-16 units of a body: at most 60,000 bytes, the server takes 65,536.

  const home = new URL(document.currentScript.src).origin;
  if (customElements.get("related-articles")) return;

  const parsed = new Promise((done) =>
    document.readyState === "loading" ? addEventListener("DOMContentLoaded", done) : done());
  const endpoint = (element) => element.getAttribute("endpoint") || home;

  // Milliseconds that the page was visible: those before, and those since it was shown, if it is.
  let before = 0;
  let since;
  const visible = () => before + (since === undefined ? 0 : performance.now() - since);

  const followed = new Set(); // What to do with each panel when the page is shown and left.
  const told = new Set(); // Everything is told once a load.
  const waiting = new Map(); // Events, by endpoint.
  let timer;

  function tell(to, type, article, more) {
    const key = JSON.stringify([type, article, more.from]);
    if (told.has(key)) return;
    told.add(key);
    waiting.set(to, [...(waiting.get(to) || []), { type, article, ...more }]);
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    for (const [to, events] of waiting) send(`${to}/v1/events`, events);
    waiting.clear();
  }

  function send(to, events) {
    const body = JSON.stringify({ events });
    if (body.length > LARGEST && events.length > 1) {
      const half = events.length >> 1;
      send(to, events.slice(0, half));
      send(to, events.slice(half));
      return;
    }
    // Text goes out as text/plain, which asks no permission of another origin first. What cannot be sent is lost.
    try {
      if (navigator.sendBeacon(to, body)) return;
    } catch {
      // Without beacons, or with an endpoint that is no address.
    }
    fetch(to, { method: "POST", body, keepalive: true, mode: "no-cors", credentials: "omit" }).catch(() => {});
  }

  // The page is shown, hidden or left; not every browser tells both of the last two.
  function turn({ type }) {
    before = visible();
    const shown = type !== "pagehide" && document.visibilityState === "visible";
    since = shown ? performance.now() : undefined;
    for (const panel of followed) shown ? panel.show() : panel.leave();
    if (!shown) flush();
  }

  function follow(section) {
    const element = section.closest("related-articles") || section;
    const { host, panel } = section.dataset;
    // A panel without a token comes from a server that takes no events.
    if (!host || !panel || navigator.globalPrivacyControl || element.hasAttribute("silent")) return;

    const to = endpoint(element);
    const start = visible();
    let stayed;

    // A view is told when the page is left, not when it comes: only then it is known whether it was a bounce, and nothing that
    // was told can be taken back. Hidden counts as left, because it is the last that a phone tells of many pages; of who comes
    // back after a bounce and stays, a `read` tells. A browser that ends without a word loses the view of this one page;
    // clicks and seen cards are with the server by then.
    function depart() {
      const dwell = Math.round((visible() - start) / 100) / 10;
      const type = stayed === undefined ? "view" : "read";
      if (dwell && (type === "view" || (stayed < BOUNCE_S && dwell >= BOUNCE_S))) {
        tell(to, type, host, { dwell });
        stayed = dwell;
      }
    }

    const cards = [...section.querySelectorAll("li[data-id]")];
    const tellCard = (type, card) =>
      tell(to, type, card.dataset.id, { from: host, panel, position: cards.indexOf(card) + 1 });

    const unseen = new Set(cards);
    const timers = new Map();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, intersectionRatio } of entries) {
        clearTimeout(timers.get(target));
        if (intersectionRatio >= 0.5) timers.set(target, setTimeout(see, SEEN_MS, target));
      }
    }, { threshold: 0.5 });

    function see(card) {
      observer.unobserve(card);
      unseen.delete(card);
      tellCard("impression", card);
      timer ??= setTimeout(flush, BATCH_MS);
    }

    function click(event) {
      const card = event.target.closest("a") && event.target.closest("li[data-id]");
      if (!card || !event.isTrusted || event.button > 1) return;
      // The view goes first: the server reads events in the order in which the reader went.
      depart();
      tellCard("click", card);
      flush();
    }
    for (const type of ["click", "auxclick"]) section.addEventListener(type, click, true);

    const watch = {
      show: () => unseen.forEach((card) => observer.observe(card)),
      leave() {
        observer.disconnect();
        timers.forEach((seeing) => clearTimeout(seeing));
        depart();
      },
    };
    followed.add(watch);
    if (since !== undefined) watch.show();
    return () => {
      watch.leave();
      followed.delete(watch);
      flush();
    };
  }

  customElements.define("related-articles", class extends HTMLElement {
    #leave;

    async connectedCallback() {
      await parsed;
      if (!this.querySelector(".readnext")) {
        const ask = new URLSearchParams({ url: this.getAttribute("url") || location.pathname });
        if (this.getAttribute("limit")) ask.set("limit", this.getAttribute("limit"));
        try {
          const answer = await fetch(`${endpoint(this)}/v1/related.html?${ask}`);
          // Read even where it is a refusal: the browser holds the connection until then.
          const text = await answer.text();
          if (answer.ok) this.innerHTML = text;
        } catch {
          // Without an answer the page stays as it is.
        }
      }
      const section = this.querySelector("section.readnext");
      if (section && this.isConnected) this.#leave ??= follow(section);
    }

    // An application that changes its pages itself takes the element away when the reader leaves.
    disconnectedCallback() {
      this.#leave?.();
      this.#leave = undefined;
    }
  });

  for (const type of ["pageshow", "visibilitychange", "pagehide"]) addEventListener(type, turn, true);
  turn({});
  parsed.then(() => document.querySelectorAll("section.readnext").forEach((section) => {
    if (!section.closest("related-articles")) follow(section);
  }));
})();
