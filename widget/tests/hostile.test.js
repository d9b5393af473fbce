// Titles, summaries, addresses and topics that mean harm, through everything that a browser shows: the answer in JSON, the fragment,
// the widget, and the pages and the feed of the demo. Each is shown as the text that it is, and runs, loads and breaks nothing.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startBrowser, startDemo } from "./demo.js";
import { withHost, withPage } from "./host.js";
import { watch } from "./watch.js";

const SHOTS = fileURLToPath(new URL("../test-output/", import.meta.url));
// What runs calls for this name, or loads this address.
const RAN = "ran";
const LOADED = "http://127.0.0.1:2/loaded";
const TEXTS = {
  script: `<script>window.${RAN} = 1</script>`,
  "end of a script": `</script><script>window.${RAN} = 1</script>`,
  image: `<img src="${LOADED}" onerror="window.${RAN} = 1">`,
  svg: `<svg/onload=window.${RAN}=1>`,
  attribute: `" onmouseover="window.${RAN} = 1" x="`,
  "single quotes": `' autofocus onfocus='window.${RAN} = 1`,
  "end of an attribute": `"><iframe srcdoc="<script>parent.${RAN} = 1</script>"></iframe>`,
  comment: `--><script>window.${RAN} = 1</script><!--`,
  "raw text": `</title></textarea></style><script>window.${RAN} = 1</script>`,
  CDATA: `]]><script>window.${RAN} = 1</script>`,
  markdown: `[x](javascript:window.${RAN}=1) ![x](${LOADED})`,
  template: `{{constructor.constructor('window.${RAN} = 1')()}} \${window.${RAN} = 1}`,
  entities: `&lt;script&gt;window.${RAN} = 1&lt;/script&gt; &amp;amp; &#60;b&#62;`,
  "separators of lines": `a\u2028b\u2029c`,
  "backwards text": `safe \u202e gpj.exe \u202c end`,
  "a broken tag": `<a href="javascript:window.${RAN}=1" x`,
  "a very long word": "w".repeat(180),
  style: `<style>* { display: none !important }</style><link rel=stylesheet href="${LOADED}">`,
  base: `<base href="http://evil.test/"><meta http-equiv="refresh" content="0;url=${LOADED}">`,
};
const ADDRESSES = {
  "another host": "//evil.test/a",
  "another host, backwards": "/\\evil.test/b",
  "a script": "javascript:window.ran=1",
  data: "data:text/html,<script>window.ran=1</script>",
  quotes: `/"onclick="window.ran=1"x="`,
  markup: "/<script>window.ran=1</script>",
  "a percent sign": "/100% of it",
  "half an encoded byte": "/50%-off%4",
  "encoded already": "/caf%C3%A9%20%25",
  brackets: "/a[1]|{2}^`",
};

let demo;
let browser;

before(async () => {
  demo = await startDemo({ articles: articles() });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("every hostile article is on a panel as what it says, in JSON and in the fragment", async () => {
  const panel = await (await fetch(`${demo.address}/v1/related?url=/host&limit=100`)).json();
  const items = new Map(panel.items.map((item) => [item.id, item]));
  for (const { id, title, summary, topic } of articles().slice(1)) {
    const item = items.get(id);
    assert.ok(item, `found no card of ${id}`);
    assert.deepEqual([item.title, item.topic], [title, topic], id);
    assert.equal(item.summary, summary, id);
  }
});

test("the fragment is parsed into the markup of a panel, and nothing else", () =>
  withPage(browser, {}, async (page) => {
    await page.goto(`${demo.address}/v1/related.html?url=/host&limit=100`);
    await shows(page, "section.readnext");
    const names = await page.evaluate(() => [...new Set([...document.body.querySelectorAll("*")].map((part) => part.localName))].sort());
    assert.deepEqual(names, ["a", "h2", "li", "ol", "p", "section", "span"]);
    await harmless(page);
  }));

test("the demo's page of the host shows them as text", () =>
  withPage(browser, {}, async (page) => {
    const trouble = watch(page);
    await page.goto(`${demo.address}/host`);
    await touch(page, "section.readnext > ol > li");
    await harmless(page);
    assert.deepEqual(trouble, []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 1280, `found ${wide} px`);
  }));

test("no page of the demo or the studio is wider than a small phone for them", () =>
  withPage(browser, { viewport: { width: 320, height: 640 } }, async (page) => {
    const long = `/text-${Object.keys(TEXTS).indexOf("a very long word")}`;
    const article = `/studio/article?id=${long}`;
    const pages = ["/", long, "/search?q=espresso", "/studio", article, `${article}&on=content&content=50`, `${article}&find=espresso`, "/studio/site", "/studio/index"];
    for (const path of pages) {
      await page.goto(demo.address + path);
      await page.locator("#counting").waitFor({ state: "detached" });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 320, `${path}: found ${wide} px`);
    }
  }));

test("the widget on a page of another origin shows them as text", () =>
  withHost(browser, { html: `<related-articles url="/host" limit="100"></related-articles><script src="${demo.address}/widget.js"></script>` }, async (page, trouble) => {
    await page.locator("related-articles ol > li").first().waitFor();
    await shows(page, "related-articles");
    await touch(page, "related-articles ol > li");
    await harmless(page);
    assert.deepEqual(trouble, []);
    await page.screenshot({ path: `${SHOTS}hostile-widget.png`, fullPage: true });
  }));

test("the front page and a search show them as text", () =>
  withPage(browser, {}, async (page) => {
    const trouble = watch(page);
    for (const path of ["/", "/search?q=espresso", `/search?q=${encodeURIComponent(TEXTS.attribute)}`]) {
      await page.goto(demo.address + path);
      await touch(page, "a.teaser");
      await harmless(page);
    }
    assert.deepEqual(trouble, []);
  }));

test("the feed of the demo says them as text, and is a feed and nothing else", () =>
  withPage(browser, {}, async (page) => {
    await page.goto(demo.address);
    const feed = await page.evaluate(async () => {
      const answer = await fetch("/feed.xml");
      const parsed = new DOMParser().parseFromString(await answer.text(), "application/xml");
      const text = (entry, name) => entry.querySelector(name)?.textContent;
      return {
        names: [...new Set([...parsed.querySelectorAll("*")].map((part) => part.localName))].sort(),
        titles: [...parsed.querySelectorAll("entry")].map((entry) => [text(entry, "title"), text(entry, "summary")]),
        links: [...parsed.querySelectorAll("link")].map((link) => new URL(link.getAttribute("href"), location).origin === location.origin),
      };
    });
    assert.deepEqual(feed.names, ["author", "category", "entry", "feed", "id", "link", "name", "summary", "title", "updated"]);
    const expected = new Map(articles().map(({ title, summary }) => [title, summary]));
    assert.ok(feed.titles.length >= 19, `found ${feed.titles.length} entries`);
    for (const [title, summary] of feed.titles) assert.equal(summary, expected.get(title), title);
    assert.ok(feed.links.every(Boolean), `found ${feed.links}`);
    await harmless(page);
  }));

for (const [name, text] of Object.entries(TEXTS)) {
  test(`the page of a hostile article shows its title as text: ${name}`, () =>
    withPage(browser, {}, async (page) => {
      const trouble = watch(page);
      const place = Object.keys(TEXTS).indexOf(name);
      await page.goto(`${demo.address}/text-${place}`);
      const shown = await page.locator("h1").evaluate((heading) => heading.textContent);
      assert.equal(shown, `Espresso ${text}`);
      await harmless(page);
      assert.deepEqual(trouble, []);
    }));
}

test("no card leads to another host or runs a script, whatever the address of its article", () =>
  withPage(browser, {}, async (page) => {
    for (const path of ["/host", "/v1/related.html?url=/host&limit=100", "/"]) {
      await page.goto(demo.address + path);
      const foreign = await page.evaluate(() => [...document.links].map((link) => link.href).filter((href) => new URL(href).origin !== location.origin));
      assert.deepEqual(foreign, [], path);
    }
  }));

test("a card of the widget leads to the page of its article, by an address that the browser takes as it is", () =>
  withHost(browser, { html: `<related-articles url="/host" limit="100"></related-articles><script src="${demo.address}/widget.js"></script>` }, async (page) => {
    await page.locator("related-articles ol > li").first().waitFor();
    const cards = await page.locator("related-articles ol > li").evaluateAll((cards) => Object.fromEntries(cards.map((card) => {
      const link = card.querySelector("a");
      return [card.dataset.id, { given: link.getAttribute("href"), path: new URL(link.href).pathname }];
    })));
    const names = Object.keys(ADDRESSES);
    for (const name of ["quotes", "markup", "a percent sign", "half an encoded byte", "encoded already", "brackets"]) {
      const id = `/address-${names.indexOf(name)}`;
      const { given, path } = cards[id];
      assert.equal(path, given, name);
      assert.doesNotMatch(given, /%(?![0-9A-Fa-f]{2})|[\s"<>[\]^`{|}\\]/, name);
      await page.goto(demo.address + path);
      assert.equal(await page.locator("section.readnext").getAttribute("data-host"), id, name);
    }
    const panel = await (await fetch(`${demo.address}/v1/related?url=/host&limit=100`)).json();
    for (const { id, url } of panel.items.filter(({ id }) => cards[id]?.given.startsWith("/") && !/^\/\.\//.test(cards[id].given))) {
      assert.equal(url.replace(/^(?!\/)/, "/"), cards[id].given, id);
    }
  }));

/** Checks that all texts of the table stand in the panel at `selector`. */
async function shows(page, selector) {
  const cards = await page.locator(`${selector} ol > li`).evaluateAll((cards) => Object.fromEntries(cards.map((card) => [
    card.dataset.id,
    [".readnext-title", ".readnext-summary", ".readnext-topic"].map((part) => card.querySelector(part)?.textContent),
  ])));
  for (const { id, title, summary, topic } of articles().slice(1)) {
    assert.deepEqual(cards[id], [title, summary, topic], id);
  }
}

/** Goes over everything with the mouse and the keyboard's focus, for what waits for that. */
async function touch(page, selector) {
  const parts = page.locator(selector);
  const count = await parts.count();
  assert.ok(count > 0, `found nothing at ${selector}`);
  await parts.evaluateAll((parts) => parts.forEach((part) => {
    for (const one of [part, ...part.querySelectorAll("*")]) {
      for (const type of ["mouseover", "mouseenter", "focus"]) one.dispatchEvent(new MouseEvent(type, { bubbles: true }));
    }
  }));
  await parts.first().hover();
}

async function harmless(page) {
  const found = await page.evaluate(() => ({
    ran: window.ran,
    visible: document.body.checkVisibility(),
    made: document.body.querySelectorAll("img, iframe, svg:not(.bar), object, base, [onerror], [onload], [onclick], [onmouseover], [onfocus]").length,
  }));
  assert.deepEqual(found, { ran: undefined, visible: true, made: 0 });
}

/** Words by which a text is no twin of others. */
function apart(word, place) {
  return Array.from({ length: 15 }, (_, number) => `${word}${place}x${number}`).join(" ");
}

/** A host, an article for each text in title, summary and topic, and one for each address; all about one subject. */
function articles() {
  const body = "Espresso needs fresh roasted beans, a grinder with good burrs, hot water and pressure.";
  const about = (id, more) => ({ id, kind: "howto", body, lang: "en", published: "2026-03-01", ...more });
  return [
    about("/host", { title: "Espresso at home", summary: "How to make it." }),
    ...Object.values(TEXTS).map((text, place) =>
      about(`/text-${place}`, { title: `Espresso ${text}`, summary: `Beans ${text}`, topic: text.slice(0, 90), body: `${body} ${apart("grind", place)}` })),
    ...Object.values(ADDRESSES).map((url, place) =>
      about(`/address-${place}`, { url, title: `Espresso by address ${place}`, summary: "Beans.", topic: "coffee", body: `${body} ${apart("water", place)}` })),
  ];
}
