// Puts the panel into <related-articles url limit endpoint hosts unstyled silent consent>; a panel that the server rendered is
// left as it is. Then tells the server what the page's reader does: a view with the seconds it took, the cards that were
// seen, and clicks on them. No cookie, no storage, no identifier. Nothing is told under Global Privacy Control, with the
// attribute `silent`, or while the attribute `consent` is there and not "granted".
(() => {
  const AHEAD = "1000px"; // A panel is fetched when its place comes so near.
  const PATIENCE_MS = 10_000; // So long an answer may take.
  const STYLE_MS = 2000; // So long a panel waits for its style sheet.
  const SEEN_MS = 1000; // A card is seen after it was half visible for so long.
  const BOUNCE_S = 10; // For the server a shorter view is a bounce.
  const MOST = 100; // Cards that an answer may have.
  const HEAVIEST = 2 ** 20; // Bytes that it may have.
  const LARGEST = 20_000; // UTF-16 units of a body: at most 60,000 bytes, the server takes 65,536.

  if (customElements.get("related-articles")) return;
  const script = new URL(document.currentScript?.src || location.href);

  const parsed = new Promise((done) =>
    document.readyState === "loading" ? addEventListener("DOMContentLoaded", done) : done());
  const endpoint = (element) => (element.getAttribute("endpoint") || script.origin).replace(/\/+$/, "");

  // Milliseconds that the page was visible: those before, and those since it was shown, if it is.
  let before = 0;
  let since;
  const visible = () => before + (since === undefined ? 0 : performance.now() - since);

  const followed = new Set(); // What to do with each panel when the page is shown and left.
  const told = new Set(); // Everything is told once a load.
  const waiting = new Map(); // Events, by endpoint.

  function tell(to, type, article, more) {
    const key = JSON.stringify([type, article, more.from]);
    if (told.has(key)) return;
    told.add(key);
    waiting.set(to, [...(waiting.get(to) || []), { type, article, ...more }]);
  }

  function flush() {
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

  // The regions of a page are told apart by their names: that of a second panel gets a number.
  const names = new WeakMap();
  function number() {
    const counts = {};
    for (const section of document.querySelectorAll("section.readnext[aria-label]")) {
      if (!names.has(section)) names.set(section, section.getAttribute("aria-label"));
      const name = names.get(section);
      counts[name] = (counts[name] || 0) + 1;
      section.setAttribute("aria-label", counts[name] > 1 ? `${name} ${counts[name]}` : name);
    }
  }

  // What to do with a panel that comes into the page and goes; nothing where nothing may be told of it.
  function follow(section) {
    number();
    const element = section.closest("related-articles") || section;
    const { host, panel } = section.dataset;
    // A panel without a token comes from a server that takes no events.
    if (!host || !panel || navigator.globalPrivacyControl) return;

    const to = endpoint(element);
    const may = () =>
      !element.hasAttribute("silent") && (element.getAttribute("consent") ?? "granted") === "granted";
    let start = visible();
    let gone = start; // Since when it is out of the page.
    let stayed;

    // A view is told when the page is left, not when it comes: only then it is known whether it was a bounce, and nothing that
    // was told can be taken back. Hidden counts as left, because it is the last that a phone tells of many pages; of who comes
    // back after a bounce and stays, a `read` tells. A browser that ends without a word loses what this one page has to tell;
    // clicks are with the server by then.
    function depart() {
      const dwell = Math.round((visible() - start) / 100) / 10;
      const type = stayed === undefined ? "view" : "read";
      if (may() && dwell && (type === "view" || (stayed < BOUNCE_S && dwell >= BOUNCE_S))) {
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
    }

    function click(event) {
      const card = event.target.closest("a") && event.target.closest("li[data-id]");
      if (!card || !event.isTrusted || event.button > 1 || !may()) return;
      // The view goes first: the server reads events in the order in which the reader went.
      depart();
      tellCard("click", card);
      flush();
    }
    for (const type of ["click", "auxclick"]) section.addEventListener(type, click, true);

    const watch = {
      show: () => may() && unseen.forEach((card) => observer.observe(card)),
      leave() {
        observer.disconnect();
        timers.forEach((seeing) => clearTimeout(seeing));
        depart();
      },
      // Put back it goes on where it was, without the time between.
      enter() {
        if (followed.has(watch)) return;
        start += visible() - gone;
        followed.add(watch);
        if (since !== undefined) watch.show();
      },
      exit() {
        watch.leave();
        gone = visible();
        followed.delete(watch);
        flush();
      },
    };
    // With consent begins what may be told; without it what was not told yet never is.
    new MutationObserver(() => {
      observer.disconnect();
      timers.forEach((seeing) => clearTimeout(seeing));
      start = gone = visible();
      if (!may()) waiting.delete(to);
      else if (since !== undefined && followed.has(watch)) watch.show();
    }).observe(element, { attributeFilter: ["consent", "silent"] });
    return watch;
  }

  const near = (element) => new Promise((done) => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      done();
    }, { rootMargin: AHEAD });
    observer.observe(element);
  });

  // Lets the element have the height of what is in it once that moves nothing which is seen: when all below `edge` is, and in
  // the frame before was, out of sight. Where that cannot come any more, or the focus is in what is cut off, it is at once.
  function release(element, edge) {
    const events = ["scroll", "resize", "focusin"];
    const calm = () => edge() >= innerHeight || edge() + scrollY < innerHeight || element.contains(document.activeElement);
    const look = () => requestAnimationFrame(() => calm() && requestAnimationFrame(() => {
      if (!calm()) return;
      events.forEach((type) => removeEventListener(type, look, true));
      element.removeAttribute("waiting");
    }));
    events.forEach((type) => addEventListener(type, look, true));
    look();
  }

  // The answer as a document in which nothing runs or loads; nothing where there is none.
  const ask = (address) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => done(request.status === 200 && request.response);
    request.onprogress = ({ loaded }) => loaded > HEAVIEST && request.abort();
    try {
      request.open("GET", address);
      request.responseType = "document";
      request.timeout = PATIENCE_MS;
      request.send();
    } catch {
      done();
    }
  });

  // Its style sheet is fetched once for those elements that have none. It lies beside the script or, where that is a part of
  // another one, on the server of panels.
  let sheet;
  function style(element) {
    if (element.hasAttribute("unstyled") || getComputedStyle(element).getPropertyValue("--readnext-style")) return;
    return (sheet ??= new Promise((done) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      const beside = /\/widget(-\w+)?\.js$/.test(script.pathname);
      link.href = beside ? script.href.replace(/\.js(?=[?#]|$)/, ".css") : `${endpoint(element)}/widget.css`;
      link.onload = link.onerror = done;
      setTimeout(done, STYLE_MS);
      document.head.append(link);
    }));
  }

  // Whether a link leads to a page of this site, which its subdomains and the attribute `hosts` belong to.
  function leadsHome(link, element) {
    const bare = (host) => host.replace(/^www\./, "");
    const ours = [location.hostname, ...(element.getAttribute("hosts") || "").split(/[\s,]+/)].filter(Boolean).map(bare);
    try {
      const { protocol, hostname } = new URL(link.getAttribute("href"), document.baseURI);
      return /^https?:$/.test(protocol) && ours.some((host) => bare(hostname) === host || hostname.endsWith(`.${host}`));
    } catch {
      return false;
    }
  }

  // What of an answer a panel is made of, made anew: text, and cards whose links lead to this site. Of its classes those that are a
  // panel's, so that no style of the page's own can lay a card over the page.
  function copy(node, element) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (!/^(section|h2|ol|li|a|p|span)$/.test(node.localName)) return "";
    const links = { a: [node], li: [...node.querySelectorAll("a")] }[node.localName] || [];
    if (!links.every((link) => leadsHome(link, element))) return "";
    const made = document.createElement(node.localName);
    for (const { name, value } of node.attributes) {
      if (name === "class") made.className = value.split(/\s+/).filter((word) => /^readnext(-|$)/.test(word)).join(" ");
      else if (/^(lang|dir|hreflang|aria-label|hidden|href|data-[a-z]+)$/.test(name) || (name === "role" && value === "list")) {
        made.setAttribute(name, value);
      }
    }
    made.append(...[...node.childNodes].map((child) => copy(child, element)));
    return made;
  }

  customElements.define("related-articles", class extends HTMLElement {
    #section;
    #watch;
    #asked;

    async connectedCallback() {
      await parsed;
      if (!this.querySelector(".readnext") && !this.#asked) {
        this.#asked = true;
        await this.#fetch();
      }
      const section = this.querySelector("section.readnext");
      if (!section || !this.isConnected) return;
      if (section !== this.#section) {
        this.#watch?.exit();
        this.#watch = follow(section);
        this.#section = section;
      }
      this.#watch?.enter();
    }

    async #fetch() {
      await style(this);
      // Out of sight room is taken at once, so that nothing moves when the panel comes late.
      if (this.getBoundingClientRect().top >= innerHeight) this.setAttribute("waiting", "");
      await near(this);
      const address = new URLSearchParams({ url: this.getAttribute("url") || location.pathname });
      if (this.getAttribute("limit")) address.set("limit", this.getAttribute("limit"));
      const lang = this.closest("[lang]")?.lang;
      if (lang) address.set("labels", lang);
      const answer = await ask(`${endpoint(this)}/v1/related.html?${address}`);
      const found = answer && answer.querySelector("section.readnext");
      if (found) [...found.querySelectorAll("li")].slice(MOST).forEach((card) => card.remove());
      const section = found && copy(found, this);
      if (section) {
        section.hidden ||= !section.querySelector("li");
        this.replaceChildren(section);
      }
      const [end, edge] = section && !section.hidden ? [section, "bottom"] : [this, "top"];
      release(this, () => Math.min(this.getBoundingClientRect().bottom, end.getBoundingClientRect()[edge]));
    }

    // An application that changes its pages itself takes the element away when the reader leaves. One that moves it puts it back
    // at once.
    disconnectedCallback() {
      queueMicrotask(() => this.isConnected || this.#watch?.exit());
    }
  });

  for (const type of ["pageshow", "visibilitychange", "pagehide"]) addEventListener(type, turn, true);
  turn({});
  parsed.then(() => document.querySelectorAll("section.readnext").forEach((section) => {
    if (!section.closest("related-articles")) follow(section)?.enter();
  }));
})();
