// What a reader of the demo sees and can do, in a real browser: the panel on phone and desktop, light and dark,
// with keyboard only, without scripts, and through search.
// Screenshots for human eyes go to test-output/.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startBrowser, startDemo } from "./demo.js";
import { withPage as openPage } from "./host.js";
import { watch } from "./watch.js";

const ARTICLE = "/alternatives/python/performance-focused-alternatives";
const CARDS = "section.readnext ol > li";
const SCHEMES = ["light", "dark"];
const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 } },
};
const SHOTS = fileURLToPath(new URL("../test-output/", import.meta.url));

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

for (const scheme of SCHEMES) {
  for (const [device, options] of Object.entries(DEVICES)) {
    test(`the panel is complete: ${scheme}, ${device}`, () =>
      withPage({ ...options, colorScheme: scheme }, async (page) => {
        const trouble = watch(page);
        await page.goto(demo.address + ARTICLE);
        await checkPanel(page);
        await checkWidth(page, options.viewport.width);
        await page.waitForLoadState("networkidle");
        assert.deepEqual(trouble, [], "trouble on the article page");
        await page.screenshot({ path: `${SHOTS}panel-${scheme}-${device}.png`, fullPage: true });
      }));

    test(`the front page is sound: ${scheme}, ${device}`, () =>
      withPage({ ...options, colorScheme: scheme }, async (page) => {
        const trouble = watch(page);
        await page.goto(demo.address);
        const links = await page.locator("main a.teaser").count();
        assert.ok(links > 20, `found ${links} articles on the front page, expected more than 20`);
        await checkWidth(page, options.viewport.width);
        await page.waitForLoadState("networkidle");
        assert.deepEqual(trouble, [], "trouble on the front page");
        await page.screenshot({ path: `${SHOTS}front-${scheme}-${device}.png`, fullPage: true });
      }));
  }
}

test("the background follows the colour scheme", async () => {
  const [light, dark] = await Promise.all(
    SCHEMES.map((colorScheme) => withPage({ colorScheme }, async (page) => {
      await page.goto(demo.address + ARTICLE);
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    })),
  );
  const brightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
  assert.ok(brightness(light) > 200, `light: found ${light}, expected a bright background`);
  assert.ok(brightness(dark) < 60, `dark: found ${dark}, expected a dark background`);
});

test("a click on a card opens its article, which has its own panel", () =>
  withPage({}, async (page) => {
    await page.goto(demo.address + ARTICLE);
    const here = await hrefs(page);
    await checkOpens(page, (link) => link.click());
    const there = await hrefs(page);
    assert.notDeepEqual(there, here, "both articles have the same panel");
  }));

test("everything is there without JavaScript", () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(demo.address + ARTICLE);
    const text = await page.locator("article .text").innerText();
    assert.ok(text.length > 2000, `found ${text.length} characters of article text, expected more than 2000`);
    assert.match(text, /Reasons that hold up/, "the article's own text is missing");
    await checkCount(page, CARDS, 20);
    await checkOpens(page, (link) => link.click());
  }));

test("a card is reached and opened with the keyboard", () =>
  withPage({}, async (page) => {
    await page.goto(demo.address + ARTICLE);
    await checkOpens(page, async (link) => {
      await tabTo(page, link);
      const outline = await link.evaluate((element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element, "::after");
        return { style: outlineStyle, width: parseFloat(outlineWidth) };
      });
      const visible = outline.style !== "none" && outline.width >= 1;
      assert.ok(visible, `found the outline ${outline.style} ${outline.width} px on the focused card, expected a visible one`);
      await page.keyboard.press("Enter");
    });
  }));

test("the search box finds articles", () =>
  withPage({}, async (page) => {
    await searchFor(page, "docker memory");
    const results = await page.locator(".results .teaser").evaluateAll((teasers) =>
      teasers.map((teaser) => teaser.querySelector("strong").innerText + " – " + teaser.querySelector(".summary").innerText),
    );
    assert.ok(results.length >= 3, `found ${results.length} results, expected at least 3`);
    for (const result of results.slice(0, 3)) {
      assert.ok(/docker|wsl/i.test(result), `found the result ${result}, expected it to mention Docker or WSL`);
    }
  }));

test("a search without results leads on", () =>
  withPage({}, async (page) => {
    await searchFor(page, "zzzzzz");
    await page.locator('main a[href="/"]').click();
    await page.waitForURL(`${demo.address}/`);
  }));

test("the search box shows markup as text and runs nothing", () =>
  withPage({}, async (page) => {
    const trouble = watch(page);
    const markup = "<img src=x onerror=alert(1)>";
    await searchFor(page, markup);
    const heading = await page.locator("main h1").innerText();
    assert.ok(heading.includes(markup), `found the heading ${heading}, expected it to show ${markup}`);
    checkEqual(await page.locator("header.site input[name=q]").inputValue(), markup, "the text in the box");
    await checkCount(page, "img", 0);
    await page.waitForLoadState("networkidle");
    assert.deepEqual(trouble, [], "trouble on the results page");
  }));

test("an unknown page is a 404 that leads on", () =>
  withPage({}, async (page) => {
    const path = "/no/such/page";
    const answer = await page.goto(demo.address + path);
    checkEqual(answer.status(), 404, "the status");
    const text = await page.locator("main").innerText();
    assert.ok(text.includes(path), `found the text ${text}, expected it to name ${path}`);
    await page.locator('main a[href="/"]').click();
    await page.waitForURL(`${demo.address}/`);
    assert.ok((await page.locator("main a.teaser").count()) > 0, "found no articles on the front page");
  }));

for (const colorScheme of SCHEMES) {
  test(`the texts of the cards have enough contrast: ${colorScheme}`, () =>
    withPage({ colorScheme }, async (page) => {
      await page.goto(demo.address + ARTICLE);
      for (const part of ["kind", "reason", "title", "summary", "url", "match"]) {
        const ratios = await page.locator(`${CARDS} .readnext-${part}`).evaluateAll(contrasts);
        assert.ok(ratios.length > 0, `found no .readnext-${part}`);
        const lowest = Math.min(...ratios);
        assert.ok(lowest >= 4.5, `${part}: found a contrast of ${lowest.toFixed(2)}, expected at least 4.5`);
      }
    }));
}

const withPage = (options, use) => openPage(browser, options, use);

async function checkPanel(page) {
  await checkCount(page, "section.readnext", 1);
  const heading = await page.locator("section.readnext h2").innerText();
  checkEqual(heading, "Related Tools & Recommendations", "the panel's heading");
  await checkCount(page, CARDS, 20);
  const cards = await page.locator(CARDS).evaluateAll(readCards);
  cards.forEach(checkCard);
  const numbers = cards.map((card) => card.match);
  checkEqual(numbers[0], 100, "the first card's match");
  const falling = numbers.every((number, place) => place === 0 || number <= numbers[place - 1]);
  assert.ok(falling, `found the matches ${numbers}, expected none to rise`);
  const footer = await page.locator(".readnext-footer").innerText();
  for (const signal of ["user behavior", "content similarity", "research intelligence", "SEO"]) {
    assert.ok(footer.includes(signal), `found the footer ${footer}, expected it to name ${signal}`);
  }
}

/** Runs in the page: what a reader sees of each card, as text that has a size. */
function readCards(items) {
  return items.map((item) => {
    const parts = {};
    for (const name of ["kind", "topic", "reason", "match", "title", "summary", "url"]) {
      const found = [...item.querySelectorAll(`.readnext-${name}`)];
      parts[name] = found.map((element) => (element.checkVisibility() && element.offsetHeight > 0 ? element.textContent : ""));
    }
    const { kind, reason, match } = item.dataset;
    return { kind, reason, match: Number(match), href: item.querySelector("a").getAttribute("href"), parts };
  });
}

function checkCard(card, place) {
  const name = `card ${place + 1}`;
  for (const [part, texts] of Object.entries(card.parts)) {
    const allowed = part === "topic" ? [0, 1] : [1];
    assert.ok(allowed.includes(texts.length), `${name}: found ${texts.length} of ${part}, expected ${allowed.join(" or ")}`);
    assert.ok(texts.every((text) => text.trim()), `${name}: ${part} is empty or hidden`);
  }
  assert.ok(Number.isInteger(card.match), `${name}: found the match ${card.match}, expected a whole number`);
  checkEqual(card.parts.match[0], `${card.match}% match`, `${name}: the visible match`);
  checkEqual(card.parts.kind[0], card.kind, `${name}: the visible kind`);
  checkEqual(card.parts.reason[0], card.reason, `${name}: the visible reason`);
  assert.ok(/^\/\S+$/.test(card.parts.url[0]), `${name}: found the URL ${card.parts.url[0]}, expected a path`);
  checkEqual(card.href, card.parts.url[0], `${name}: the link`);
}

async function checkWidth(page, width) {
  const found = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, window: innerWidth }));
  checkEqual(found.window, width, "the window's width");
  assert.ok(found.scroll <= width, `found content ${found.scroll} px wide, expected at most ${width}: the page scrolls sideways`);
}

function checkEqual(found, expected, what) {
  assert.equal(found, expected, `${what}: found ${found}, expected ${expected}`);
}

async function checkCount(page, selector, expected) {
  checkEqual(await page.locator(selector).count(), expected, `the number of ${selector}`);
}

/** Opens the first card with `open` and checks that its article came. */
async function checkOpens(page, open) {
  const link = page.locator(`${CARDS} > a`).first();
  const href = await link.getAttribute("href");
  const title = await link.innerText();
  await Promise.all([page.waitForURL((url) => url.pathname !== ARTICLE), open(link)]);
  checkEqual(new URL(page.url()).pathname, href, "the path that the card leads to");
  checkEqual(await page.locator("h1").innerText(), title, "the article's heading");
  const cards = await page.locator(CARDS).count();
  assert.ok(cards > 0, "found no panel on the card's article");
}

const hrefs = (page) => page.locator(`${CARDS} > a`).evaluateAll((links) => links.map((link) => link.getAttribute("href")));

async function tabTo(page, link) {
  const most = 200;
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    if (await link.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`found no focus on the first card after ${most} presses of Tab, expected it earlier`);
}

async function searchFor(page, words) {
  await page.goto(demo.address);
  await page.locator("header.site input[name=q]").pressSequentially(words);
  await Promise.all([page.waitForURL("**/search?*"), page.keyboard.press("Enter")]);
}

/** Runs in the page: the WCAG 2 contrast of each element's text with what is painted below it. */
function contrasts(elements) {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return elements.map((element) => {
    const below = background(element);
    const ink = colour(getComputedStyle(element).color);
    const seen = over({ ...ink, alpha: ink.alpha * opacity(element) }, below);
    const [dark, light] = [seen, below].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  });

  function opacity(element) {
    return element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  }

  function background(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  }

  function colour(css) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  }

  function over({ rgb, alpha }, below) {
    return rgb.map((part, place) => part * alpha + below[place] * (1 - alpha));
  }

  function luminance(rgb) {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
