// What the widget tells of a reader, and when: on the demo up to the journal, and on pages of another origin up to the
// bodies that a server gets. The pages' clock stands still unless a test moves it, so nothing here waits for seconds.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startBrowser, startDemo } from "./demo.js";
import { watch } from "./watch.js";

const ARTICLE = "/alternatives/python/performance-focused-alternatives";
const OTHER = "/tool/pandas/overview";
const SESSION = "/tool/kubernetes/overview"; // An impression counts once a day, so no other test sees these cards.
const TIMEOUT_MS = 60_000;
const SOON_MS = 10_000;
const COUNTS_MS = 1000; // From a click to the panel that knows of it.
// A port that no browser refuses to ask and where nothing listens.
const GONE = "http://127.0.0.1:2";

let demo;
let browser;

before(async () => {
  demo = await startDemo({ keeps: true });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("a click on a card is in the journal behind the view of its page, and counts on the panel", () =>
  withReader({}, async (page) => {
    const known = (await demo.events()).length;
    const trouble = watch(page);
    await page.goto(demo.address + ARTICLE);
    const link = page.locator("section.readnext > ol > li > a").nth(2);
    const card = await link.locator("..").getAttribute("data-id");
    const behavior = await behaviorOf(card);
    await page.clock.runFor(12_000);
    await Promise.all([page.waitForURL(`**${card}`), link.click()]);
    await page.clock.runFor(3_000);
    await page.goto("about:blank");
    const told = await eventually(async () => (await demo.events()).slice(known), (events) => events.length >= 3);
    const short = told.map(({ type, article, from, position, dwell }) => ({ type, article, from, position, dwell }));
    assert.deepEqual(short, [
      { type: "view", article: ARTICLE, from: undefined, position: undefined, dwell: 12 },
      { type: "click", article: card, from: ARTICLE, position: 3, dwell: undefined },
      { type: "view", article: card, from: undefined, position: undefined, dwell: 3 },
    ]);
    assert.equal(new Set(told.map((event) => event.visitor)).size, 1, "the events are of several visitors");
    await eventually(() => behaviorOf(card), (now) => now > behavior);
    assert.deepEqual(trouble.filter(isOwn), [], "trouble on the demo's pages");
  }));

test("a whole session: read, see, click, arrive, read on; the click is in the panel within a second of it", () =>
  withReader({}, async (page) => {
    const known = (await demo.events()).length;
    await page.goto(demo.address + SESSION);
    const links = page.locator("section.readnext > ol > li > a");
    await links.nth(1).scrollIntoViewIfNeeded();
    await observed(page);
    await page.clock.runFor(20_000);
    const card = await links.nth(1).locator("..").getAttribute("data-id");
    const before = await behaviorOf(card, SESSION);
    const clicked = performance.now();
    await Promise.all([page.waitForURL(`**${card}`), links.nth(1).click()]);
    await eventually(() => behaviorOf(card, SESSION), (now) => now > before);
    const took = performance.now() - clicked;
    assert.ok(took < COUNTS_MS, `found the click in the panel after ${took} ms, expected it within ${COUNTS_MS}`);
    await page.clock.runFor(40_000);
    await page.goto("about:blank");
    const told = await eventually(async () => (await demo.events()).slice(known), (events) => events.filter((event) => event.type === "view").length === 2);
    const seen = told.filter((event) => event.type === "impression");
    assert.ok(seen.some((event) => event.article === card && event.from === SESSION && event.position === 2), `found ${JSON.stringify(seen)}`);
    const steps = told.filter((event) => event.type !== "impression").map(({ type, article, from, dwell }) => ({ type, article, from, dwell }));
    assert.deepEqual(steps, [
      { type: "view", article: SESSION, from: undefined, dwell: 20 },
      { type: "click", article: card, from: SESSION, dwell: undefined },
      { type: "view", article: card, from: undefined, dwell: 40 },
    ]);
  }));

test("of the same session under Global Privacy Control nothing is recorded, by the page or by the server", () =>
  withReader({ extraHTTPHeaders: { "Sec-GPC": "1" }, script: () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }) }, async (page) => {
    const known = (await demo.events()).length;
    const sent = [];
    page.on("request", (request) => request.url().includes("/v1/events") && sent.push(request.url()));
    await page.goto(demo.address + SESSION);
    const link = page.locator("section.readnext > ol > li > a").first();
    await link.scrollIntoViewIfNeeded();
    await observed(page);
    await page.clock.runFor(20_000);
    await Promise.all([page.waitForURL((url) => url.pathname !== SESSION), link.click()]);
    await page.clock.runFor(20_000);
    // A script of the page's own that does not care is not listened to either.
    const answer = await page.evaluate(async (article) => {
      const body = JSON.stringify({ events: [{ type: "view", article, dwell: 20 }] });
      return (await fetch("/v1/events", { method: "POST", headers: { "content-type": "application/json" }, body })).json();
    }, SESSION);
    assert.equal(answer.accepted, 0, JSON.stringify(answer));
    await page.goto("about:blank");
    await new Promise((done) => setTimeout(done, 500));
    assert.equal(sent.length, 1, `found ${sent}, expected that of the test alone`);
    assert.equal((await demo.events()).length, known);
  }));

test("only cards that were half visible for a second are impressions in the journal", () =>
  withReader({ viewport: { width: 390, height: 844 } }, async (page) => {
    const known = (await demo.events()).length;
    await page.goto(demo.address + OTHER);
    await page.clock.runFor(5_000);
    const cards = page.locator("section.readnext > ol > li");
    await cards.nth(12).scrollIntoViewIfNeeded();
    await observed(page);
    await page.clock.runFor(900);
    await cards.nth(3).scrollIntoViewIfNeeded();
    await observed(page);
    const seen = await cards.evaluateAll((items) => items.filter((item) => {
      const { top, bottom, height } = item.getBoundingClientRect();
      return Math.min(bottom, innerHeight) - Math.max(top, 0) >= height / 2;
    }).map((item) => item.dataset.id));
    assert.ok(seen.length > 0 && seen.length < 10, `found ${seen.length} visible cards, expected a few`);
    await page.clock.runFor(1_000);
    await show(page, "hidden");
    const impressions = async () => (await demo.events()).slice(known).filter((event) => event.type === "impression");
    const told = await eventually(impressions, (events) => events.length >= seen.length);
    assert.deepEqual(told.map((event) => event.article).sort(), seen.sort());
    assert.ok(told.every((event) => event.from === OTHER && event.position > 0));
    // Seen again they are not told again.
    await show(page, "visible");
    await page.evaluate(() => scrollTo(0, 0));
    await observed(page);
    await cards.nth(3).scrollIntoViewIfNeeded();
    await observed(page);
    await page.clock.runFor(4_000);
    await page.goto("about:blank");
    await eventually(async () => (await demo.events()).slice(known), (events) => events.some((event) => event.type === "read"));
    assert.equal((await impressions()).length, seen.length);
  }));

test("of a card at the edge of the window at least half has to be visible, and the page itself", () => {
  // The second card begins 40 px above the lower edge of the window.
  const style = "<style>* { margin: 0; padding: 0 } h2 { display: none } section { padding: 760px 0 } li { height: 100px }</style>";
  return withHost(style + panel(), async (page, posted) => {
    const seen = async (cards) => {
      await observed(page);
      await page.clock.runFor(1_000);
      await show(page, "hidden");
      await show(page, "visible");
      const told = () => eventsOf(posted).filter((event) => event.type === "impression");
      await eventually(told, (events) => events.length >= cards.length);
      assert.deepEqual(told().map((event) => event.article), cards);
    };
    await observed(page);
    await page.clock.runFor(900);
    await show(page, "hidden");
    await page.clock.runFor(5_000);
    await show(page, "visible");
    await observed(page);
    await page.clock.runFor(900);
    assert.deepEqual(eventsOf(posted).map((event) => event.type), ["view"]);
    await seen(["/a"]);
    await page.evaluate(() => scrollBy(0, 20));
    await seen(["/a", "/b"]);
  });
});

test("a view is told once, when the page is hidden, and a reader who comes back after a bounce is told as a read", () =>
  withHost(panel(), async (page, posted) => {
    await page.clock.runFor(4_000);
    await stays(posted, 0);
    await show(page, "hidden");
    await told(posted, [view("/host", 4)]);
    await page.clock.runFor(60_000);
    await show(page, "visible");
    await page.clock.runFor(5_000);
    await show(page, "hidden");
    await show(page, "visible");
    await page.clock.runFor(3_500);
    await show(page, "hidden");
    await told(posted, [view("/host", 4), { type: "read", article: "/host", dwell: 12.5 }]);
    await show(page, "visible");
    await page.clock.runFor(30_000);
    await page.goto("about:blank");
    await stays(posted, 2);
  }));

test("a page that nobody looked at is not viewed, and one left at once is a bounce", async () => {
  await withHost(panel(), async (page, posted) => {
    await page.clock.runFor(30_000);
    await page.goto("about:blank");
    await stays(posted, 0);
  }, { script: hide });
  await withHost(panel(), async (page, posted) => {
    await page.clock.runFor(300);
    await page.goto("about:blank");
    await told(posted, [view("/host", 0.3)]);
  });
});

test("cards that are opened in new tabs or with the keyboard are clicks, each once; other clicks are none", () =>
  withHost(panel(), async (page, posted) => {
    await page.clock.runFor(11_000);
    const link = (place) => page.locator("li > a").nth(place);
    await page.locator("h2").click();
    await link(0).click({ button: "right" });
    await link(0).evaluate((element) => {
      element.addEventListener("click", (event) => event.preventDefault(), { once: true });
      element.click();
    });
    await stays(posted, 0);
    for (const place of [1, 1, 0]) await link(place).click({ button: "middle" });
    const click = (article, position) => ({ type: "click", article, from: "/host", panel: "token", position });
    await told(posted, [view("/host", 11), click("/b", 2), click("/a", 1)]);
    await link(2).focus();
    await Promise.all([page.waitForURL("**/c"), page.keyboard.press("Enter")]);
    await told(posted, [view("/host", 11), click("/b", 2), click("/a", 1), click("/c", 3)]);
    await page.goBack();
    await stays(posted, 4);
  }));

for (const [name, html, script] of [
  ["Global Privacy Control", panel(), () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })],
  ["the attribute silent", `<related-articles silent endpoint="ENDPOINT">${panel()}</related-articles>`],
  ["consent that was not given", `<related-articles consent="denied" endpoint="ENDPOINT">${panel()}</related-articles>`],
  ["a panel without its article", panel().replace(' data-host="/host"', "")],
  ["a panel without a token", panel().replace(' data-panel="token"', "")],
]) {
  test(`nothing is told: ${name}`, () =>
    withHost(html, async (page, posted) => {
      await observed(page);
      await page.clock.runFor(5_000);
      await page.locator("li > a").first().click({ button: "middle" });
      await page.clock.runFor(15_000);
      await show(page, "hidden");
      await page.goto("about:blank");
      await stays(posted, 0);
      assert.deepEqual(posted, []);
    }, { script }));
}

test("what was seen goes out with the view, in one body, when the page is hidden", () =>
  withHost(panel(), async (page, posted) => {
    await observed(page);
    await page.clock.runFor(30_000);
    assert.equal(posted.length, 0, "nothing goes out while the reader reads");
    await show(page, "hidden");
    await eventually(() => posted, () => posted.length > 0);
    assert.deepEqual(posted.map((post) => JSON.parse(post.body).events.map((event) => event.type)), [["impression", "impression", "impression", "view"]]);
  }));

test("a page that asks for consent tells nothing of what was before it, and nothing more when it is taken back", () =>
  withHost(`<related-articles consent="pending" endpoint="ENDPOINT">${panel()}</related-articles>`, async (page, posted) => {
    const consent = (said) => page.locator("related-articles").evaluate((element, said) => element.setAttribute("consent", said), said);
    await observed(page);
    await page.clock.runFor(20_000);
    await page.locator("li > a").first().click({ button: "middle" });
    await show(page, "hidden");
    await show(page, "visible");
    await stays(posted, 0);
    await consent("granted");
    await observed(page);
    await page.clock.runFor(12_000);
    await page.locator("li > a").nth(1).click({ button: "middle" });
    const click = { type: "click", article: "/b", from: "/host", panel: "token", position: 2 };
    await told(posted, [view("/host", 12), click]);
    assert.equal(eventsOf(posted).filter((event) => event.type === "impression").length, 3);
    await consent("denied");
    await page.locator("li > a").nth(2).click({ button: "middle" });
    await page.clock.runFor(30_000);
    await page.goto("about:blank");
    await stays(posted, 2);
  }));

test("what waits to be told when consent is taken back is never told", () =>
  withHost(`<related-articles consent="granted" endpoint="ENDPOINT">${panel()}</related-articles>`, async (page, posted) => {
    await observed(page);
    await page.clock.runFor(20_000);
    await page.locator("related-articles").evaluate((element) => element.setAttribute("consent", "denied"));
    await page.goto("about:blank");
    await stays(posted, 0);
    assert.deepEqual(posted, []);
  }));

test("the address that a card leads to is the article's, before, at and after the click", () =>
  withHost(panel(["/a?b=c#d"]), async (page) => {
    const hrefs = [];
    const link = page.locator("li > a").first();
    const href = () => link.evaluate((element) => element.outerHTML);
    hrefs.push(await href());
    await link.hover();
    await link.click({ button: "middle" });
    hrefs.push(await href());
    assert.equal(hrefs[0], hrefs[1]);
    await Promise.all([page.waitForURL("**/a?b=c#d"), link.click()]);
    assert.match(page.url(), /\/a\?b=c#d$/);
  }));

test("a panel that the widget fetched is followed until its element is taken away", () =>
  withHost(`<related-articles url="${OTHER}" limit="2"></related-articles>`, async (page, posted, trouble) => {
    const known = (await demo.events()).length;
    await page.locator("related-articles li").first().waitFor();
    await observed(page);
    await page.clock.runFor(11_000);
    await page.locator("related-articles").evaluate((element) => element.remove());
    const events = await eventually(async () => (await demo.events()).slice(known), (events) => events.length >= 3);
    assert.deepEqual(events.map((event) => event.type), ["impression", "impression", "view"]);
    assert.deepEqual(trouble.filter(isOwn), [], "trouble on the host page");
    assert.deepEqual(posted, []);
  }));

test("an element that is moved stays where its reader is, and one that is put back goes on without the time between", () =>
  withHost(`<related-articles endpoint="ENDPOINT">${panel()}</related-articles><aside></aside>`, async (page, posted) => {
    await observed(page);
    await page.clock.runFor(4_000);
    await page.evaluate(() => document.querySelector("aside").append(document.querySelector("related-articles")));
    await stays(posted, 0);
    await page.clock.runFor(1_000);
    await page.evaluate(() => {
      window.taken = document.querySelector("related-articles");
      window.taken.remove();
    });
    await told(posted, [view("/host", 5)]);
    await page.clock.runFor(60_000);
    await page.evaluate(() => document.body.append(window.taken));
    await page.clock.runFor(7_000);
    await show(page, "hidden");
    await told(posted, [view("/host", 5), { type: "read", article: "/host", dwell: 12 }]);
    assert.equal(eventsOf(posted).filter((event) => event.type === "impression").length, 3);
  }));

test("a body is text that needs no permission, without cookies of its own, and is never too large", () => {
  const cards = Array.from({ length: 24 }, (_, place) => `/${"ä".repeat(990)}${place}`);
  const small = "<style>* { margin: 0; font-size: 1px; line-height: 2px } a { display: block; overflow: hidden; height: 4px }</style>";
  return withHost(small + panel(cards), async (page, posted) => {
    await observed(page);
    await page.clock.runFor(1_000);
    await show(page, "hidden");
    await eventually(() => posted, () => eventsOf(posted).length === cards.length + 1);
    assert.deepEqual(eventsOf(posted).map((event) => event.article), [...cards, "/host"]);
    assert.ok(posted.length > 1, "found one body, expected several");
    for (const { method, type, cookie, length } of posted) {
      assert.deepEqual([method, type, cookie], ["POST", "text/plain;charset=UTF-8", undefined]);
      assert.ok(length <= 65_536, `found a body of ${length} bytes, expected at most 65,536`);
    }
    assert.deepEqual(await page.context().cookies(), []);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  });
});

for (const [name, options] of [
  ["answers 404", { status: 404 }],
  ["answers 503", { status: 503 }],
  ["is gone", { endpoint: GONE }],
  ["is no address", { endpoint: "http://[" }],
  ["is gone, in a browser without beacons", { endpoint: GONE, script: () => delete Navigator.prototype.sendBeacon }],
]) {
  test(`a page goes on where the endpoint ${name}`, () =>
    withHost(panel(), async (page, posted, trouble) => {
      await observed(page);
      await page.clock.runFor(3_000);
      await page.locator("li > a").first().click({ button: "middle" });
      await show(page, "hidden");
      if (options.status) await eventually(() => posted, () => eventsOf(posted).length >= 5);
      else await page.waitForTimeout(300);
      // The browser itself says in the console that a request failed; the page says nothing.
      const own = trouble.filter((line) => !/^(failed: |answered \d+: |error: Failed to load resource: )/.test(line));
      assert.deepEqual(own, []);
    }, options));
}

test("a browser without beacons tells the same", () =>
  withHost(panel(), async (page, posted, trouble) => {
    await page.clock.runFor(10_000);
    await show(page, "hidden");
    await told(posted, [view("/host", 10)]);
    assert.deepEqual(trouble.filter(isOwn), []);
  }, { script: () => delete Navigator.prototype.sendBeacon }));

/** A panel as a server renders it. */
function panel(cards = ["/a", "/b", "/c"]) {
  const items = cards.map((card) => `<li data-id="${card}"><a href="${card}">${card}</a></li>`).join("");
  return `<section class="readnext" data-host="/host" data-panel="token" endpoint="ENDPOINT"><h2>Related</h2><ol>${items}</ol></section>`;
}

/** Whether a line of trouble is the page's own: of a request whose answer nobody waits for, a browser says that it was aborted. */
const isOwn = (line) => !/\/(v1\/events|demo\/counters\S*): net::ERR_ABORTED$/.test(line);
const view = (article, dwell) => ({ type: "view", article, dwell });
const eventsOf = (posted) => posted.flatMap((post) => JSON.parse(post.body).events);

const doneOf = (posted) => eventsOf(posted).filter((event) => event.type !== "impression");

/** Waits until the events that are no impressions are `expected`. */
async function told(posted, expected) {
  await eventually(() => doneOf(posted), (events) => events.length >= expected.length);
  assert.deepEqual(doneOf(posted), expected);
}

/** Checks that no event but impressions comes after the first `count`. */
async function stays(posted, count) {
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(doneOf(posted).length, count, `found ${JSON.stringify(doneOf(posted))}`);
}

async function eventually(find, holds) {
  const end = Date.now() + SOON_MS;
  for (;;) {
    const found = await find();
    if (holds(found)) return found;
    if (Date.now() > end) assert.fail(`found ${JSON.stringify(found)} after ${SOON_MS / 1000} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** What readers give to the score of `card` on the article's panel. */
async function behaviorOf(card, page = ARTICLE) {
  const panel = await (await fetch(`${demo.address}/v1/related?url=${page}`)).json();
  return panel.items.find((item) => item.id === card)?.signals?.behavior ?? 0;
}

/** Waits until the page's observers know where things are after scrolling. */
const observed = (page) =>
  page.evaluate(async () => {
    for (let round = 0; round < 2; round++) {
      await new Promise((done) => new IntersectionObserver((_, observer) => done(observer.disconnect())).observe(document.body));
    }
  });

/** Runs in the page before all else: it was opened in the background. */
function hide() {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
}

/** A headless browser always shows its pages; this tells the page otherwise. */
const show = (page, state) =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);

/** A page with a clock that stands still. */
async function withReader({ script, ...options }, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  try {
    await context.clock.install({ time: 0 });
    await context.clock.pauseAt(1_000);
    if (script) await context.addInitScript(script);
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** A reader on a page of another origin with `body` and the widget's script, whose server takes what is posted. */
async function withHost(body, use, { status = 202, endpoint, script } = {}) {
  const posted = [];
  const server = createServer(async (request, answer) => {
    if (request.method === "GET") {
      answer.setHeader("content-type", "text/html; charset=utf-8").end(request.url === "/" ? html : "");
      return;
    }
    const chunks = await request.toArray();
    const sent = Buffer.concat(chunks);
    const { "content-type": type, cookie } = request.headers;
    posted.push({ method: request.method, type, cookie, length: sent.length, body: sent.toString() });
    answer.writeHead(status).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // By another name it is of another origin than the page.
  const to = endpoint ?? `http://localhost:${server.address().port}`;
  const html = `<!doctype html><meta charset="utf-8"><title>Host</title><link rel="icon" href="data:,">
    <body>${body.replaceAll("ENDPOINT", to)}<script src="${demo.address}/widget.js"></script>`;
  try {
    await withReader({ script }, async (page) => {
      const trouble = watch(page);
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      await use(page, posted, trouble);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
