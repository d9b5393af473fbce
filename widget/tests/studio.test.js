// The studio in a real browser: pick an article, move weights, pin and block a card, look at the whole site; on phone and desktop,
// light and dark, and without scripts. Screenshots for human eyes go to test-output/.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startBrowser, startDemo } from "./demo.js";
import { watch } from "./watch.js";

const PAGE = "/studio/article?id=/tool/pandas/overview";
const CARDS = "#panels section.panel";
const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
};
const SHOTS = fileURLToPath(new URL("../test-output/", import.meta.url));
// Long enough for a machine that compiles at the same time.
const TIMEOUT_MS = 60_000;

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("an article is found by words and opened", () =>
  withPage({}, async (page) => {
    await page.goto(`${demo.address}/studio`);
    await page.locator("input[name=q]").fill("pandas memory");
    await page.keyboard.press("Enter");
    await page.locator("ul.found a", { hasText: "pandas" }).first().click();
    await page.waitForURL(/\/studio\/article\?id=/);
    assert.equal(await page.locator(`${CARDS} ol.cards > li`).count(), 20);
    assert.equal(await page.locator(`${CARDS} ol.cards > li > svg.bar`).count() > 0, true, "found no bars");
  }));

test("a panel stands beside the one that is, as soon as a signal is switched off, and tells what moved", () =>
  withPage({}, async (page) => {
    await page.goto(demo.address + PAGE);
    const ids = (which) => page.locator(CARDS).nth(which).locator("ol.cards > li").evaluateAll((cards) => cards.map((card) => card.dataset.id));
    const now = await ids(0);
    await page.locator('input[name=on][value=behavior]').uncheck();
    await page.locator(CARDS).nth(1).waitFor();
    assert.deepEqual(await ids(0), now, "the panel that is has changed");
    const without = await ids(1);
    assert.notDeepEqual(without, now, "without behavior the panel is the same");
    assert.match(await page.locator("p.compared").innerText(), /^With these weights (\d+ cards move|one card moves)\.$/);
    // Every card that moved says so, and none that did not.
    const moved = await page.locator(CARDS).nth(1).locator("ol.cards > li").evaluateAll((cards) =>
      cards.map((card) => [card.dataset.id, Boolean(card.querySelector(".move"))]));
    moved.forEach(([id, says], place) => assert.equal(says, now[place] !== id, `${id} at ${place + 1}`));
    const address = new URL(page.url());
    assert.deepEqual(address.searchParams.getAll("on"), ["content", "research", "seo"], "the address does not say what is compared");
    await page.locator('input[name=content]').fill("0");
    await page.waitForFunction(() => document.querySelectorAll("#panels section.panel .hint")[1]?.textContent.includes("content 0%"));
    await page.reload();
    assert.equal(await page.locator("input[name=content]").inputValue(), "0", "the weights are lost when the page is loaded again");
  }));

test("weights that are nothing together are told, and the panel stays", () =>
  withPage({}, async (page) => {
    await page.goto(demo.address + PAGE);
    for (const signal of ["behavior", "content", "research", "seo"]) await page.locator(`input[name=on][value=${signal}]`).uncheck();
    await page.locator("#panels .wrong").waitFor();
    assert.equal(await page.locator(`${CARDS} ol.cards > li`).count(), 20);
  }));

test("a card is pinned, blocked and taken back, and the panel shows it once the index is built", () =>
  withPage({}, async (page) => {
    const trouble = watch(page);
    await page.goto(demo.address + PAGE);
    const card = (place) => page.locator(`${CARDS} ol.cards > li`).nth(place);
    const [pinned, blocked] = [await card(9).getAttribute("data-id"), await card(0).getAttribute("data-id")];
    await card(9).locator("summary").click();
    await card(9).locator("input[name=slot]").fill("2");
    await card(9).locator("button", { hasText: "Pin" }).click();
    await page.locator("#waiting").waitFor({ state: "detached" });
    await page.locator(`${CARDS} ol.cards > li:nth-child(2)[data-id="${pinned}"]`).waitFor();
    assert.equal(await card(1).locator(".reason").innerText(), "Editor's pick");
    const first = page.locator(`${CARDS} ol.cards > li[data-id="${blocked}"]`);
    await first.locator("summary").click();
    await first.locator("button", { hasText: "Block" }).click();
    await first.waitFor({ state: "detached" });
    const told = page.locator("#editors table tr:has(td)");
    assert.equal(await told.count(), 2);
    await page.screenshot({ path: `${SHOTS}studio-editors.png`, fullPage: true });
    const panel = await page.request.get(`${demo.address}/v1/related?url=/tool/pandas/overview`);
    const { items } = await panel.json();
    assert.equal(items[1].id, pinned, "readers see another panel");
    await told.first().locator("button", { hasText: "Take back" }).click();
    await page.waitForFunction(() => !document.querySelector("#waiting") && document.querySelectorAll("#editors table tr:has(td)").length === 1);
    await page.locator(`${CARDS} .reason.pick`).waitFor({ state: "detached" });
    assert.deepEqual(trouble, []);
  }));

test("everything works without JavaScript", () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${demo.address}/studio/article?id=/tool/redis/overview`);
    await page.locator("input[name=on][value=behavior]").uncheck();
    await page.locator("button", { hasText: "Compare" }).click();
    assert.equal(await page.locator(CARDS).count(), 2);
    const last = page.locator(CARDS).first().locator("ol.cards > li").last();
    const id = await last.getAttribute("data-id");
    await last.locator("summary").click();
    await last.locator("button", { hasText: "Block" }).click();
    // The page asks again by itself until the index is built.
    await page.locator(`${CARDS} ol.cards > li[data-id="${id}"]`).waitFor({ state: "detached" });
    await page.goto(`${demo.address}/studio/readers`);
    assert.ok((await page.locator("table.figures tbody tr").count()) > 20, "found no figures");
  }));

for (const colorScheme of ["light", "dark"]) {
  for (const [device, options] of Object.entries(DEVICES)) {
    test(`pages fit, have their charts and no trouble: ${colorScheme}, ${device}`, () =>
      withPage({ ...options, colorScheme }, async (page) => {
        const trouble = watch(page);
        const compared = `${PAGE}&on=content&content=70&on=research&research=30`;
        for (const [name, path, charts] of [
          ["pick", "/studio", 0],
          ["article", PAGE, 0],
          ["compared", compared, 0],
          ["site", "/studio/site", 1],
          ["readers", "/studio/readers", 2],
          ["index", "/studio/index", 0],
        ]) {
          await page.goto(demo.address + path);
          await page.locator("#counting").waitFor({ state: "detached" });
          await page.locator(".chart canvas").nth(charts - 1).waitFor({ state: charts ? "visible" : "detached" });
          assert.equal(await page.locator(".chart canvas").count(), charts, `${name}: charts`);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= options.viewport.width, `${name}: found a width of ${width}, expected at most ${options.viewport.width}`);
          await page.screenshot({ path: `${SHOTS}studio-${name}-${colorScheme}-${device}.png`, fullPage: true });
        }
        assert.deepEqual(trouble, []);
      }));
  }
}

test("hostile words are text on every page and run nothing", () =>
  withPage({}, async (page) => {
    const trouble = watch(page);
    const words = `"><img src=x onerror=alert(1)><script>alert(2)</script>'`;
    const asked = encodeURIComponent(words);
    for (const path of [`/studio?q=${asked}`, `${PAGE}&find=${asked}`, `${PAGE}&on=content&content=${asked}`]) {
      await page.goto(demo.address + path);
      assert.equal(await page.locator("img, main script").count(), 0, path);
      const shown = [await page.locator("main").innerText(), ...(await page.locator("input[type=search]").evaluateAll((boxes) => boxes.map((box) => box.value)))];
      assert.ok(shown.some((text) => text.includes("onerror=alert(1)")), `${path} does not show the words`);
    }
    assert.deepEqual(trouble, []);
  }));

test("cards of the demo say why they are there, and fifty simulated readers move them", () =>
  withPage({}, async (page) => {
    const trouble = watch(page);
    await page.goto(`${demo.address}/tool/postgresql/overview`);
    const why = page.locator("section.readnext details.why").first();
    await why.locator("summary").click();
    assert.equal(await why.locator("svg.bar").count(), 4);
    assert.ok((await why.locator(".why-evidence li").count()) > 0, "found no evidence in words");
    const views = async () => Number(await page.locator("[data-count=views]").innerText());
    const before = await views();
    await page.locator("form.readers button").click();
    await page.locator("#learned").waitFor();
    assert.match(await page.locator("#learned").innerText(), /50 simulated readers came by/);
    assert.ok((await page.locator("#learned ul.moved li").count()) > 0, "no card moved");
    assert.ok((await views()) >= before + 50, "the readers are not counted");
    await page.screenshot({ path: `${SHOTS}demo-learned.png` });
    // Loaded again it is the page, and nobody comes by.
    assert.equal(new URL(page.url()).pathname, "/tool/postgresql/overview");
    const after = await views();
    await page.reload();
    assert.equal(await page.locator("#learned").count(), 0);
    assert.ok((await views()) <= after + 1, "readers came by again");
    await page.goto(`${demo.address}/demo/readers`);
    assert.equal(new URL(page.url()).pathname, "/", "the address alone leads to the front page");
    assert.deepEqual(trouble, []);
  }));

test("why a card is there has words for every signal that gave much, even where few readers did", () =>
  withPage({}, async (page) => {
    await page.goto(`${demo.address}/tool/postgresql/overview`);
    const silent = await page.locator("section.readnext details.why:has(.why-signals)").evaluateAll((all) =>
      all.filter((why) => parseFloat(why.querySelector(".why-number").textContent) > 0 && !why.querySelector(".why-evidence .behavior")).length);
    assert.equal(silent, 0);
    assert.ok((await page.locator(".why-evidence", { hasText: "a few visitors" }).count()) > 0, "every card was read by many");
  }));

test("days stand newest first in their table, and from left to right in their chart", () =>
  withPage({}, async (page) => {
    await page.goto(`${demo.address}/studio/readers`);
    await page.locator(".chart canvas").nth(1).waitFor();
    const days = await page.locator("figure[data-chart=days] table.figures tbody th").allInnerTexts();
    assert.ok(days.length > 20);
    assert.deepEqual(days, days.toSorted().toReversed());
    const [first, last] = await page.evaluate(() => {
      const over = document.querySelector("figure[data-chart=days] .u-over");
      const { left, top, width, height } = over.getBoundingClientRect();
      return [left + 2, left + width - 2].map((clientX) => {
        over.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY: top + height / 2, bubbles: true }));
        return document.querySelector("figure[data-chart=days] .u-value").textContent;
      });
    });
    assert.deepEqual([first, last], [days.at(-1), days[0]]);
  }));

async function withPage(options, use) {
  const context = await browser.newContext({ viewport: DEVICES.desktop.viewport, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}
