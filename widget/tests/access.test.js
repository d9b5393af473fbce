// Who cannot see, point, or bear motion reads the panel as well as others: axe finds nothing to object to on the demo's pages and
// in the widget, cards are large enough to hit, nothing is lost at 400% zoom, from right to left, or in forced colours.
// Screenshots for human eyes go to test-output/.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { startBrowser, startDemo } from "./demo.js";
import { story, withHost, withPage } from "./host.js";
import { watch } from "./watch.js";

const ARTICLE = "/alternatives/python/performance-focused-alternatives";
/** With a table that is wider than a phone. */
const TABLE = "/compare/rest/graphql/grpc/api-style-tradeoffs";
const STUDIO = "/article?id=/tool/pandas/overview";
const COMPARED = `${STUDIO}&on=content&content=70&on=research&research=30`;
const ARABIC = "/قهوة/إسبريسو";
const SHOTS = fileURLToPath(new URL("../test-output/", import.meta.url));
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** CSS pixels that a target has in each direction at least. */
const TARGET = 24;
const SCREENS = {
  "320 px": { viewport: { width: 320, height: 640 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
};

let demo;
let arabic;
let browser;

before(async () => {
  demo = await startDemo();
  arabic = await startDemo({ articles: coffee() });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  await arabic?.stop();
});

for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of Object.entries(SCREENS)) {
    test(`axe objects to nothing: ${colorScheme}, ${screen}`, () =>
      withPage(browser, { ...options, colorScheme }, async (page) => {
        for (const path of [ARTICLE, TABLE, "/de/tool/sqlite/ueberblick", "/", "/search?q=docker", "/no/such/page"]) {
          await page.goto(demo.address + path);
          await open(page);
          await objections(page, path);
        }
      }));

    test(`axe objects to nothing in the studio: ${colorScheme}, ${screen}`, () =>
      withPage(browser, { ...options, colorScheme }, async (page) => {
        for (const path of ["", "?q=pandas", STUDIO, COMPARED, `${STUDIO}&find=docker`, "/site", "/readers", "/index", "/login"]) {
          await page.goto(`${demo.address}/studio${path}`);
          await page.locator("#counting").waitFor({ state: "detached" });
          await open(page);
          await objections(page, `studio${path}`);
        }
      }));

    test(`axe objects to nothing in a panel that the widget fetched: ${colorScheme}, ${screen}`, () =>
      withHost(browser, { ...guest(), context: { ...options, colorScheme } }, async (page) => {
        await page.locator("related-articles li").first().waitFor();
        await objections(page, "the host's page");
        await page.screenshot({ path: `${SHOTS}widget-${colorScheme}-${screen.replace(" ", "")}.png`, fullPage: true });
      }));
  }
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe objects to nothing on the page of the API, on which a panel is asked for: ${colorScheme}`, () =>
    withPage(browser, { ...SCREENS.desktop, colorScheme }, async (page) => {
      const trouble = watch(page);
      await page.goto(`${demo.address}/docs/`);
      assert.equal(await page.title(), "readnext API");
      const panel = page.locator("#operations-panels-related");
      await panel.locator(".opblock-summary-control").click();
      await objections(page, "the page of the API");
      await panel.locator(".try-out__btn").click();
      await panel.locator("tr", { hasText: "the article" }).getByRole("textbox").first().fill(ARTICLE);
      await panel.locator(".execute").click();
      await panel.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
      await objections(page, "a panel that was asked for");
      await page.screenshot({ path: `${SHOTS}api-${colorScheme}.png` });
      assert.deepEqual(trouble, []);
    }));
}

test("axe objects to nothing from right to left", () =>
  withPage(browser, SCREENS.phone, async (page) => {
    await page.goto(arabic.address + encodeURI(ARABIC));
    await open(page);
    await objections(page, ARABIC);
  }));

test("a table that is wider than a phone is scrolled with the keyboard, in its box", () =>
  withPage(browser, SCREENS.phone, async (page) => {
    await page.goto(demo.address + TABLE);
    const box = page.getByRole("group", { name: "Table" }).first();
    await box.focus();
    assert.ok(await box.evaluate((box) => box === document.activeElement && box.scrollWidth > box.clientWidth), "the table has no need of its box");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.activeElement.scrollLeft > 0);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  }));

test("the studio needs no mouse: weights, why and a pin by keys alone", () =>
  withPage(browser, SCREENS.desktop, async (page) => {
    await page.goto(`${demo.address}/studio${STUDIO}`);
    await page.locator("input[name=content]").focus();
    await page.keyboard.press("Home");
    await page.locator("p.compared").waitFor();
    assert.match(await page.locator("p.compared").innerText(), /cards? moves?/);
    const card = page.locator("#panels section.panel").first().locator("ol.cards > li").nth(4);
    await card.locator("summary").focus();
    await page.keyboard.press("Enter");
    await card.locator("details[open]").waitFor();
    const reached = [];
    for (let step = 0; step < 4; step += 1) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement.innerText || document.activeElement.name));
    }
    for (const one of ["slot", "Pin"]) assert.ok(reached.some((name) => name.startsWith(one)), `${one} is not among ${reached}`);
  }));

test("from right to left why a card is there is a mirror image, too", () =>
  withPage(browser, SCREENS.phone, async (page) => {
    await page.goto(arabic.address + encodeURI(ARABIC));
    await open(page);
    const why = page.locator("details.why").first();
    const found = await why.evaluate((why) => {
      const middle = (part) => {
        const { left, right } = why.querySelector(part).getBoundingClientRect();
        return (left + right) / 2;
      };
      const evidence = getComputedStyle(why.querySelector(".why-evidence li"));
      return {
        mirrored: middle(".why-number") < middle(".why-bar") && middle(".why-bar") < middle(".why-signals th"),
        edge: [evidence.borderRightWidth, evidence.borderLeftWidth],
        wide: document.documentElement.scrollWidth,
      };
    });
    assert.deepEqual(found, { mirrored: true, edge: ["3px", "0px"], wide: 390 });
    await page.locator(".readnext > ol > li").first().screenshot({ path: `${SHOTS}rtl-why.png` });
  }));

test("axe objects to nothing on a page with several panels, whose regions have names of their own", () => {
  const panels = '<related-articles url="/tool/redis/overview" limit="2"></related-articles>'.repeat(2);
  return withHost(browser, { head: guest().head, html: `<main><h1>A story</h1>${panels}<related-articles url="${ARTICLE}" limit="2" lang="de"></related-articles></main>` }, async (page) => {
    for (const panel of await page.locator("related-articles").all()) await panel.locator("li").first().waitFor();
    await objections(page, "several panels");
    const names = await page.locator("section.readnext").evaluateAll((sections) => sections.map((section) => section.getAttribute("aria-label")));
    assert.deepEqual(names, ["Related Tools & Recommendations", "Related Tools & Recommendations 2", "Verwandte Tools & Empfehlungen"]);
    assert.equal(await page.locator("related-articles [id]").count(), 0);
  });
});

test("on paper no card is cut in two, and what only a screen can do is left out", () =>
  withPage(browser, SCREENS.desktop, async (page) => {
    await page.goto(demo.address + ARTICLE);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".readnext > ol > li").first().evaluate((card) => getComputedStyle(card).breakInside), "avoid");
    for (const part of ["header.site form", "form.readers", "p.counters", "details.why >> nth=0"]) assert.equal(await page.locator(part).isVisible(), false, part);
  }));

test("a screen reader hears a region with its heading, a list, and a link by title", () =>
  withPage(browser, SCREENS.desktop, async (page) => {
    await page.goto(demo.address + ARTICLE);
    const region = page.getByRole("region", { name: "Related Tools & Recommendations" });
    assert.equal(await region.getByRole("heading", { level: 2 }).innerText(), "Related Tools & Recommendations");
    assert.equal(await region.getByRole("list").count(), 1);
    const items = region.getByRole("listitem");
    assert.equal(await items.count(), 20);
    const links = items.first().getByRole("link");
    assert.equal(await links.count(), 1, "links of a card");
    const title = await items.first().locator(".readnext-title").innerText();
    assert.equal(await region.getByRole("link", { name: title, exact: true }).count(), 1);
    assert.match(await items.first().innerText(), /100% match/);
  }));

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`a card is hit anywhere, and is large enough: ${screen}`, () =>
    withHost(browser, { ...guest(), context: options }, async (page) => {
      await page.locator("related-articles li").first().waitFor();
      const small = await page.locator(".readnext > ol > li a").evaluateAll(
        (links, least) => links.filter((link) => link.offsetHeight < least || link.offsetWidth < least).map((link) => link.innerText), TARGET);
      assert.deepEqual(small, []);
      const card = page.locator(".readnext > ol > li").nth(2);
      await card.scrollIntoViewIfNeeded();
      const hit = await card.evaluate((card) => {
        const { left, top, right, bottom } = card.getBoundingClientRect();
        const places = [[left + 4, top + 4], [right - 4, top + 4], [left + 4, bottom - 4], [(left + right) / 2, (top + bottom) / 2]];
        return places.map(([x, y]) => document.elementFromPoint(x, y)?.closest("a")?.getAttribute("href"));
      });
      const href = await card.locator("a").getAttribute("href");
      assert.deepEqual(hit, hit.map(() => href));
    }));
}

test("at 400% zoom nothing is cut off and nothing scrolls sideways", () =>
  // 1280 px wide at 400% are 320 px.
  withPage(browser, { viewport: { width: 320, height: 256 } }, async (page) => {
    await page.goto(demo.address + ARTICLE);
    const found = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      cut: [...document.querySelectorAll(".readnext > ol > li, .readnext > ol > li *")].filter((part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline").map((part) => part.className),
    }));
    assert.deepEqual(found, { wide: 320, cut: [] });
  }));

test("with letters twice as large nothing is cut off", () =>
  withPage(browser, SCREENS.phone, async (page) => {
    await page.goto(demo.address + ARTICLE);
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    const wide = await page.locator("related-articles").evaluate((panel) => [panel.scrollWidth <= panel.clientWidth, document.documentElement.scrollWidth]);
    assert.deepEqual(wide, [true, 390]);
  }));

test("nothing moves for those who want less motion", async () => {
  const durations = (reducedMotion) =>
    withPage(browser, { reducedMotion }, async (page) => {
      await page.goto(demo.address + ARTICLE);
      return page.locator("related-articles, related-articles *").evaluateAll((parts) =>
        parts.filter((part) => getComputedStyle(part).transitionDuration !== "0s" || getComputedStyle(part).animationName !== "none").length);
    });
  assert.equal(await durations("reduce"), 0);
  assert.ok((await durations("no-preference")) > 0, "cards change softly for others");
});

test("forced colours leave cards with a border and a visible focus", () =>
  withPage(browser, { forcedColors: "active" }, async (page) => {
    await page.goto(demo.address + ARTICLE);
    const link = page.locator(".readnext > ol > li a").first();
    await link.focus();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    const found = await link.evaluate((link) => [
      getComputedStyle(link.closest("li")).borderTopStyle,
      getComputedStyle(link, "::after").outlineStyle,
    ]);
    assert.deepEqual(found, ["solid", "solid"]);
  }));

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`from right to left the card is a mirror image: ${screen}`, () =>
    withPage(browser, options, async (page) => {
      await page.goto(arabic.address + encodeURI(ARABIC));
        const card = page.locator(".readnext > ol > li").first();
      const places = await card.evaluate((card) => {
        const middle = (part) => {
          const { left, right } = card.querySelector(part).getBoundingClientRect();
          return (left + right) / 2;
        };
        return { match: middle(".readnext-match"), kind: middle(".readnext-kind"), wide: document.documentElement.scrollWidth };
      });
      assert.ok(places.match < places.kind, `found ${JSON.stringify(places)}, expected the match on the left`);
      // Texts of either direction begin at the right.
      const ragged = await page.locator(".readnext h2, .readnext-title, .readnext-summary, .readnext-url").evaluateAll((parts) => parts.filter((part) => {
        const range = document.createRange();
        range.selectNodeContents(part);
        const { paddingRight } = getComputedStyle(part);
        return Math.abs(range.getBoundingClientRect().right - part.getBoundingClientRect().right + parseFloat(paddingRight)) > 1;
      }).map((part) => part.innerText));
      assert.deepEqual(ragged, []);
      assert.ok(places.wide <= options.viewport.width, `found ${places.wide} px`);
      await page.screenshot({ path: `${SHOTS}rtl-${screen.replace(" ", "")}.png`, fullPage: true });
    }));
}

test("English sentences end at their end on a page that is read from right to left", () =>
  withPage(browser, SCREENS.desktop, async (page) => {
    await page.goto(arabic.address + encodeURI(ARABIC));
    const [word, end] = await page.locator("form.readers p").evaluate((part) => {
      const text = part.lastChild;
      const at = (place) => {
        const range = document.createRange();
        range.setStart(text, place);
        range.setEnd(text, place + 1);
        return range.getBoundingClientRect().left;
      };
      return [at(text.length - 2), at(text.length - 1)];
    });
    assert.ok(end > word, `found its last sign at ${end} px, left of the sign before it at ${word} px`);
    const counter = page.locator("p.counters > span").first();
    assert.ok(await counter.evaluate((span) => span.firstChild.getBoundingClientRect().left <= span.getBoundingClientRect().left + 1), "the number stands before its words");
  }));

/** A page of another site, whose panel the widget fetches. */
function guest() {
  return {
    head: `<script src="${demo.address}/widget.js" defer></script><style>
      :root { color-scheme: light dark } body { font: 1rem/1.6 Georgia, serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }</style>`,
    html: `${story(2)}<aside aria-label="More"><related-articles url="${ARTICLE}" limit="6"></related-articles></aside>`,
  };
}

/** Opens what is folded: a card that says why it is there, and what to do about it. */
async function open(page) {
  await page.locator("details").evaluateAll((all) => all.slice(0, 3).forEach((details) => (details.open = true)));
}

async function objections(page, where) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html + node.failureSummary).join("\n")}`);
  assert.deepEqual(told, [], where);
}

/** A few pages about coffee in Arabic, one in English. */
function coffee() {
  const about = ["الإسبريسو", "القهوة العربية", "القهوة التركية", "طحن البن", "حرارة الماء"];
  const pages = about.map((subject, place) => ({
    id: place ? `/قهوة/صفحة-${place}` : ARABIC,
    kind: "howto",
    title: `كيف تحضر ${subject} في المنزل`,
    summary: `دليل قصير عن ${subject}: البن الطازج، درجة الطحن، ضغط الماء والوقت.`,
    body: `نتحدث هنا عن ${subject}. البن الطازج ودرجة الطحن وضغط الماء والوقت كلها مهمة لتحضير القهوة في المنزل. `.repeat(3),
    topic: "قهوة",
    lang: "ar",
    published: `2026-03-0${place + 1}`,
  }));
  return [...pages, { id: "/coffee", title: "Espresso at home", body: "Fresh beans, a grinder and pressure.", lang: "en", published: "2026-02-01" }];
}
