// <related-articles> on a publisher's page of another origin: what it fetches and when, that nothing moves for it, what becomes of
// the page where the server of panels fails or lies, and that nothing which an answer says is ever run.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startBrowser, startDemo } from "./demo.js";
import { story, withHost } from "./host.js";

const ARTICLE = "/tool/pandas/overview";
const GONE = "http://127.0.0.1:2"; // A port that no browser refuses to ask and where nothing listens.
const SLOW_MS = 800;
const SHOTS = fileURLToPath(new URL("../test-output/", import.meta.url));

let demo;
let browser;
let script;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  script = `<script src="${demo.address}/widget.js" defer></script>`;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const element = (attributes = "", inside = "") => `<related-articles url="${ARTICLE}" ${attributes}>${inside}</related-articles>`;
const list = '<section class="readnext"><h2>From the server</h2><ol><li data-id="/a"><a href="/a">A card</a></li></ol></section>';
const cards = (page) => page.locator("related-articles ol > li");

/** The browser itself says in the console that a request failed; a page says nothing. */
const own = (trouble) => trouble.filter((line) => !/^(failed: |answered \d+: |error: Failed to load resource: )/.test(line));

test("a panel is fetched when the reader comes near, and is what the server would render", () =>
  withHost(browser, { head: script, html: story(200) + element() }, async (page, trouble) => {
    assert.deepEqual(await asked(page), [], "far from its place nothing is fetched");
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await cards(page).first().waitFor();
    assert.equal((await asked(page)).length, 1);
    const same = await page.evaluate(async (address) => {
      const text = await (await fetch(address)).text();
      const rendered = new DOMParser().parseFromString(text, "text/html").querySelector("section");
      const shown = document.querySelector("related-articles > section").cloneNode(true);
      for (const section of [rendered, shown]) delete section.dataset.panel;
      return [shown.outerHTML, rendered.outerHTML];
    }, `${demo.address}/v1/related.html?url=${ARTICLE}`);
    assert.equal(same[0], same[1]);
    assert.deepEqual(trouble, []);
  }));

test("an unknown article leaves the element empty", () =>
  withHost(browser, { head: script, html: '<related-articles url="/no/such/article"></related-articles>' }, async (page, trouble) => {
    assert.equal((await asked(page)).length, 1);
    assert.equal(await page.locator("related-articles").innerHTML(), "");
    assert.ok(trouble.some((line) => line.startsWith("answered 404: ")), `found ${trouble}, expected an answer 404`);
    assert.deepEqual(own(trouble), []);
  }));

test("a panel from the server is left as it is, and what an include left in its place is replaced", () =>
  withHost(browser, { head: script, html: element("", list) + element("limit=2", "[an error occurred while processing this directive]") }, async (page, trouble) => {
    await page.locator("related-articles:nth-of-type(2) li").first().waitFor();
    const [kept, replaced] = await page.locator("related-articles").all();
    assert.equal(await kept.innerHTML(), list);
    assert.doesNotMatch(await replaced.innerText(), /error occurred/);
    assert.equal((await asked(page)).length, 1);
    assert.deepEqual(trouble, []);
  }));

for (const [name, { html, head = "", slow = 0, down, scroll = true, viewport }] of Object.entries({
  "a panel below the text": { html: () => story() + element() + footer },
  "a slow panel, whose reader is at the end of the page before it": { html: (to) => story() + element(`endpoint="${to}"`) + footer, slow: SLOW_MS },
  "few cards, slow, at the end": { html: (to) => story() + element(`limit="3" endpoint="${to}"`) + footer, slow: SLOW_MS },
  "a server that is gone": { html: () => story() + element(`endpoint="${GONE}"`) + footer },
  "a panel from the server": { html: (to, panel) => story(3) + element("", panel) + footer, head: styled },
  "a panel in the first screen that has its room": {
    html: (to) => `<p>Short.</p>${element(`endpoint="${to}"`)}${footer}`,
    head: (address) => `${styled(address)}<style>related-articles { --readnext-reserve: 100vh }</style>`,
    slow: SLOW_MS,
    scroll: false,
  },
  "a phone": { html: (to) => story() + element(`endpoint="${to}"`) + footer, slow: 300, viewport: { width: 390, height: 844 } },
})) {
  test(`nothing moves: ${name}`, async () => {
    const panel = await (await fetch(`${demo.address}/v1/related.html?url=${ARTICLE}`)).text();
    await withServer((request, answer) => setTimeout(() => pass(request, answer), slow), async (to) => {
      const options = {
        head: script + (head && head(demo.address)),
        html: watchShifts + html(to, panel),
        context: viewport ? { viewport } : {},
        wait: "load",
      };
      await withHost(browser, options, async (page) => {
        // The browser calls it a shift, too, when the page grows and is scrolled in one frame, which no reader sees.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        if (scroll) await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        await page.waitForLoadState("networkidle");
        // Up and down again, as a reader who looks for more.
        for (const y of [0, 400, 100_000, 300, 100_000]) {
          await page.evaluate((y) => scrollTo(0, y), y);
          await page.waitForTimeout(120);
        }
        const { shift, tasks } = await page.evaluate(() => ({ shift: window.shift, tasks: window.tasks }));
        assert.equal(shift, 0, `found a layout shift of ${shift}, expected none`);
        const shown = await page.locator("related-articles").evaluate((element) => [element.querySelectorAll("li").length, element.offsetHeight]);
        if (name === "a server that is gone") assert.deepEqual(shown, [0, 0], "the element takes no room");
        else assert.ok(shown[0] >= 3 && shown[1] > 100, `found ${shown}, expected the panel`);
        assert.ok(Array.isArray(tasks));
      });
    });
  });
}

test("no task of the widget is long", () =>
  withHost(browser, { head: script, html: watchShifts + story() + element(), wait: "load" }, async (page) => {
    // A machine that compiles at the same time makes tasks long that are not: the best of a few counts.
    const longest = [];
    for (let round = 0; round < 3; round++) {
      if (round) await page.reload();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await cards(page).first().waitFor();
      await page.waitForTimeout(300);
      longest.push(Math.max(0, ...(await page.evaluate(() => window.tasks))));
      if (longest.at(-1) === 0) return;
    }
    assert.fail(`found tasks of ${longest} ms in every round, expected none above 50 ms in one of them`);
  }));

test("a strict policy and bytes that must be the right ones are no hindrance", async () => {
  const names = await Promise.all(["js", "css"].map(async (ending) => {
    const answer = await fetch(`${demo.address}/widget.${ending}`);
    const hash = await crypto.subtle.digest("SHA-384", await answer.arrayBuffer());
    return [demo.address + answer.headers.get("content-location"), `sha384-${Buffer.from(hash).toString("base64")}`];
  }));
  const [[js, ofScript], [css, ofStyle]] = names;
  const policy = `default-src 'self' ${demo.address}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const options = {
    headers: { "content-security-policy": policy },
    head: `<link rel="stylesheet" href="${css}" integrity="${ofStyle}" crossorigin="anonymous">
      <script src="${js}" integrity="${ofScript}" crossorigin="anonymous" defer></script>`,
    html: element() + story(2),
  };
  await withHost(browser, options, async (page, trouble) => {
    await cards(page).first().waitFor();
    assert.equal(await cards(page).count(), 20);
    const column = await cards(page).first().evaluate((card) => getComputedStyle(card).flexDirection);
    assert.equal(column, "column", "the style sheet holds");
    const inline = await page.locator("related-articles [style], related-articles style").count();
    assert.equal(inline, 0, "inline styles");
    // The one complaint is about the icon of the test's page.
    assert.deepEqual(trouble.filter((line) => !line.includes("data:,")), []);
  });
});

for (const [name, answer] of Object.entries({
  "is gone": undefined,
  "answers 404": (request, response) => response.writeHead(404, shared).end('{"code": "unknown_article"}'),
  "answers 500": (request, response) => response.writeHead(500, shared).end("<section class=readnext><ol><li>no"),
  "answers 429": (request, response) => response.writeHead(429, { ...shared, "retry-after": "60" }).end(),
  "answers with nothing": (request, response) => response.writeHead(200, shared).end(),
  "answers with bytes of no kind": (request, response) => response.writeHead(200, shared).end(Buffer.from([0, 255, 60, 0, 200])),
  "answers with JSON": (request, response) => response.writeHead(200, { ...shared, "content-type": "application/json" }).end('{"items": []}'),
  "answers with another page": (request, response) => response.writeHead(200, shared).end("<h1>Sign in</h1><script>document.title = 'ran'</script>"),
  "answers with a panel without cards": (request, response) => response.writeHead(200, shared).end('<section class="readnext"><p class="readnext-empty">None</p></section>'),
  "lets nobody read it": (request, response) => response.writeHead(200, { "content-type": "text/html" }).end(list),
  "hangs up": (request) => request.socket.destroy(),
  "hangs up in the middle": (request, response) => {
    response.writeHead(200, { ...shared, "content-length": "9999" }).write("<section class=readnext><h2>");
    setTimeout(() => request.socket.destroy(), 50);
  },
  "never answers": () => {},
})) {
  test(`the page stays as it is where the server ${name}`, () =>
    withServer(answer, async (to) => {
      const at = answer ? to : GONE;
      const html = `<p>Before</p>${element(`endpoint="${at}"`)}<div>${element(`endpoint="${at}"`, list)}</div>`;
      await withHost(browser, { head: script, html, wait: "load" }, async (page, trouble) => {
        await page.waitForTimeout(400);
        const [empty, kept] = await page.locator("related-articles").evaluateAll((elements) =>
          elements.map((element) => ({ height: element.offsetHeight, text: element.innerText })));
        assert.deepEqual(empty, { height: 0, text: "" });
        assert.match(kept.text, /From the server\s+A card/);
        assert.equal(await page.title(), "Host");
        assert.deepEqual(own(trouble).filter((line) => !/blocked by CORS policy/.test(line)), []);
      });
    }));
}

test("a panel from the server stays where the script is blocked, and an empty element takes no room", () =>
  withHost(browser, { html: `<link rel="stylesheet" href="${demo.address}/widget.css">${element("", list)}<div>${element()}</div>
      <script src="${GONE}/widget.js" defer></script>` }, async (page, trouble) => {
    const [kept, empty] = await page.locator("related-articles").evaluateAll((elements) => elements.map((element) => element.offsetHeight));
    assert.ok(kept > 50, `found a height of ${kept}`);
    assert.equal(empty, 0);
    assert.deepEqual(own(trouble), []);
  }));

test("the script may be there twice", async () => {
  const answer = await fetch(`${demo.address}/widget.js`);
  const twice = `${script}<script src="${demo.address}${answer.headers.get("content-location")}" defer></script>${script}`;
  await withHost(browser, { head: twice, html: element("limit=4") }, async (page, trouble) => {
    await cards(page).first().waitFor();
    assert.equal(await cards(page).count(), 4);
    assert.equal((await asked(page)).length, 1);
    assert.deepEqual(trouble, []);
  });
});

test("the style sheet is fetched where there is none, once, and not where the page has it or wants none", async () => {
  const sheets = (page) => page.locator('link[href*="widget"]').count();
  for (const [html, head, expected] of [
    [element("limit=2") + element("limit=3"), "", 1],
    [element("limit=2 unstyled"), "", 0],
    [element("limit=2"), styled(demo.address), 1],
  ]) {
    await withHost(browser, { head: script + head, html }, async (page) => {
      await cards(page).first().waitFor();
      assert.equal(await sheets(page), expected, html + head);
    });
  }
});

for (const [name, tag] of Object.entries({
  "a module": '<script type="module" src="/assets/app.js"></script>',
  "a script": '<script src="/assets/app.js" defer></script>',
})) {
  test(`the widget as a part of ${name} of the site's own asks the endpoint for panels and for their looks`, () =>
    withHost(browser, { head: tag, html: element(`limit="2" endpoint="${demo.address}"`), answer: bundled }, async (page, trouble) => {
      await cards(page).first().waitFor();
      const sheets = await page.locator('link[rel="stylesheet"]').evaluateAll((links) => links.map((link) => link.href));
      assert.deepEqual(sheets, [`${demo.address}/widget.css`]);
      assert.deepEqual(trouble, []);
    }));
}

test("an application that changes its pages itself has each page's panel by a new element", () =>
  withHost(browser, { head: script, html: "<main></main>" }, async (page, trouble) => {
    for (const path of ["/tool/pandas/overview", "/tool/redis/overview"]) {
      await page.evaluate((path) => {
        history.pushState(null, "", path);
        document.querySelector("main").innerHTML = "<related-articles limit=3></related-articles>";
      }, path);
      await page.locator(`section.readnext[data-host="${path}"]`).waitFor();
    }
    assert.equal(await page.locator("related-articles").count(), 1);
    assert.equal((await asked(page)).length, 2);
    assert.deepEqual(trouble, []);
  }));

test("another address of an element that has its panel changes nothing", () =>
  withHost(browser, { head: script, html: element("limit=2") }, async (page) => {
    await cards(page).first().waitFor();
    await page.locator("related-articles").evaluate((element) => {
      element.setAttribute("url", "/tool/redis/overview");
      document.body.append(element);
    });
    await page.waitForLoadState("networkidle");
    assert.equal(await page.locator("section.readnext").getAttribute("data-host"), ARTICLE);
    assert.equal((await asked(page)).length, 1);
  }));

for (const [href, stays] of Object.entries({
  "/a": true,
  "a/b?c#d": true,
  "https://127.0.0.1/a": true,
  "https://docs.example.org/a": true,
  "https://www.example.org/a": true,
  "https://example.org.evil.test/a": false,
  "https://evilexample.org/a": false,
  "//evil.test/a": false,
  "/\\evil.test/a": false,
  "\t//evil.test": false,
  "http://[": false,
  "javascript:document.title='ran'": false,
  " JaVaScRiPt:document.title='ran'": false,
  "data:text/html,<script>alert(1)</script>": false,
  "blob:http://127.0.0.1/x": false,
  "ftp://127.0.0.1/a": false,
})) {
  test(`a card that leads to ${JSON.stringify(href)} ${stays ? "is shown" : "is left out"}`, () => {
    const attribute = href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    const html = `<section class="readnext"><ol><li data-id="/x"><a href="/x">Good</a></li><li data-id="/y"><a href="${attribute}">Odd</a></li></ol></section>`;
    return withServer((request, response) => response.writeHead(200, shared).end(html), (to) =>
      withHost(browser, { head: script, html: element(`endpoint="${to}" hosts="example.org"`) }, async (page) => {
        await cards(page).first().waitFor();
        assert.deepEqual(await cards(page).allInnerTexts(), stays ? ["Good", "Odd"] : ["Good"]);
      }));
  });
}

test("on a page whose base is another site no card is shown that leads there", () => {
  const html = '<section class="readnext"><ol><li data-id="/x"><a href="/x">There</a></li><li data-id="/y"><a href="http://127.0.0.1/y">Here</a></li></ol></section>';
  return withServer((request, response) => response.writeHead(200, shared).end(html), (to) =>
    withHost(browser, { head: `${script}<base href="http://evil.test/">`, html: element(`endpoint="${to}" unstyled`) }, async (page) => {
      await cards(page).first().waitFor();
      assert.deepEqual(await cards(page).allInnerTexts(), ["Here"]);
    }));
});

for (const endpoint of ["javascript:document.title='ran'", "http://[", "about:blank", "file:///etc"]) {
  test(`an endpoint that is no server leaves the element empty: ${endpoint}`, () =>
    withHost(browser, { head: script, html: element(`endpoint="${endpoint}"`) + element(`endpoint="${endpoint}"`, list), wait: "load" }, async (page, trouble) => {
      await page.waitForTimeout(400);
      const texts = await page.locator("related-articles").allInnerTexts();
      assert.equal(texts[0], "");
      assert.match(texts[1], /A card/);
      assert.equal(await page.title(), "Host");
      assert.deepEqual(own(trouble).filter((line) => !/CORS policy|Not allowed to load local resource|MIME type/.test(line)), []);
    }));
}

test("a panel that is nested deep or has far too many cards is no trouble", () => {
  const many = '<li data-id="/x"><a href="/x">Card</a></li>'.repeat(3000);
  const html = `<section class="readnext"><h2>${"<span>".repeat(20000)}deep${"</span>".repeat(20000)}</h2><ol>${many}</ol></section>`;
  return withServer((request, response) => response.writeHead(200, shared).end(html), (to) =>
    withHost(browser, { head: script, html: element(`endpoint="${to}"`) }, async (page, trouble) => {
      await cards(page).first().waitFor();
      assert.ok((await cards(page).count()) <= 100, `found ${await cards(page).count()} cards, expected at most as many as a server may be asked for`);
      assert.deepEqual(trouble, []);
    }));
});

test("an answer that does not end leaves the element empty before it is a burden", () => {
  const line = `<p>${"word ".repeat(20_000)}</p>`;
  let sent = 0;
  const pour = (request, response) => {
    response.writeHead(200, shared).write('<section class="readnext"><ol><li data-id="/x"><a href="/x">Card</a></li></ol>');
    const more = () => {
      let room = true;
      while (room && !response.destroyed) {
        room = response.write(line);
        sent += line.length;
      }
    };
    response.on("drain", more);
    more();
  };
  return withServer(pour, (to) =>
    withHost(browser, { head: script, html: element(`endpoint="${to}"`) + footer, wait: "load" }, async (page, trouble) => {
      await page.waitForFunction(() => performance.getEntriesByType("resource").some((entry) => entry.name.includes("/v1/related")));
      await page.waitForTimeout(200);
      assert.deepEqual(await page.locator("related-articles").evaluate((element) => [element.innerHTML, element.offsetHeight]), ["", 0]);
      assert.ok(sent > 1_000_000 && sent < 50_000_000, `found ${sent} bytes sent, expected more than a panel has, and not much more`);
      assert.deepEqual(own(trouble), []);
    }));
});

test("an endpoint may end with a slash", () =>
  withServer((request, response) => (request.url.startsWith("//") ? response.writeHead(404).end() : pass(request, response)), (to) =>
    withHost(browser, { head: script, html: element(`limit="2" endpoint="${to}/"`) }, async (page, trouble) => {
      await cards(page).first().waitFor();
      assert.deepEqual(trouble, []);
    })));

test("an answer is text, whatever it says", () => {
  const evil = `<section class="readnext" onclick="document.title='ran'" style="display:none"><h2>Heading<img src=x onerror="document.title='ran'"></h2>
    <ol role="list"><li data-id="/x" class="overlay readnext-x" role="alert" onmouseover="document.title='ran'"><a href="/x" class="readnext-title fixed-top" onclick="document.title='ran'" target="_top" ping="/ping" id="main" name="main">Title</a>
    <iframe srcdoc="<script>parent.document.title='ran'</script>"></iframe><svg onload="document.title='ran'"></svg><script>document.title='ran'</script>
    <style>body { display: none }</style><span class="readnext-summary">Summary<object data="x"></object></span></li></ol>
    <p class="overlay">Below <a href="javascript:document.title='ran'">a link</a></p></section>`;
  return withServer((request, response) => response.writeHead(200, shared).end(evil), (to) =>
    withHost(browser, { head: script, html: element(`endpoint="${to}"`) }, async (page, trouble) => {
      await cards(page).first().waitFor();
      await cards(page).first().hover();
      await page.waitForTimeout(200);
      const html = await page.locator("related-articles").innerHTML();
      for (const word of ["on", "style", "target", "ping", "srcdoc", "id", "name"]) {
        assert.ok(!new RegExp(`\\s${word}\\w*=`).test(html), `found ${word} in ${html}`);
      }
      assert.equal(await page.locator("related-articles :is(img, iframe, svg, script, style, object)").count(), 0, html);
      assert.equal(await page.locator("related-articles p a").count(), 0, "links outside of cards lead home, too");
      assert.equal(await page.locator("related-articles :is(.overlay, .fixed-top)").count(), 0, "a class of the page's own may lay a card over all of it");
      assert.deepEqual(await page.locator("related-articles [role]").evaluateAll((parts) => parts.map((part) => part.getAttribute("role"))), ["list"]);
      assert.equal(await page.title(), "Host");
      assert.deepEqual(trouble, []);
    }));
});

for (const [lang, heading, match] of [
  ["en", "Related Tools & Recommendations", "100% match"],
  ["de-CH", "Verwandte Tools & Empfehlungen", "100\u00a0% passend"],
  ["es", "Herramientas relacionadas y recomendaciones", "100\u00a0% de afinidad"],
  ["fr", "Outils associés et recommandations", "100\u00a0% d’affinité"],
  ["ja", "関連ツールとおすすめ記事", "一致度 100%"],
  ["it", "Related Tools & Recommendations", "100% match"],
]) {
  test(`the panel speaks the language of its page: ${lang}`, () =>
    withHost(browser, { lang, head: script, html: element("limit=4") }, async (page) => {
      await cards(page).first().waitFor();
      assert.equal(await page.locator("related-articles h2").innerText(), heading);
      assert.equal(await page.locator("section.readnext").getAttribute("aria-label"), heading);
      assert.equal(await page.locator(".readnext-match").first().innerText(), match);
      await page.locator("related-articles").screenshot({ path: `${SHOTS}widget-${lang}.png` });
    }));
}

test("an element of another language than its page speaks its own", () =>
  withHost(browser, { head: script, html: element('limit="1" lang="fr"') }, async (page) => {
    await cards(page).first().waitFor();
    assert.equal(await page.locator("section.readnext").getAttribute("lang"), "fr");
  }));

test("a site's colours and sizes are taken by the panel", () => {
  const theme = `related-articles { --readnext-card: rgb(1, 2, 3); --readnext-ink: rgb(250, 251, 252); --readnext-radius: 0px; --readnext-column: 40rem }`;
  return withHost(browser, { head: `${script}<style>${theme}</style>`, html: element("limit=4") }, async (page) => {
    await cards(page).first().waitFor();
    const found = await cards(page).first().evaluate((card) => {
      const { backgroundColor, borderRadius, color } = getComputedStyle(card);
      const columns = getComputedStyle(card.parentElement).gridTemplateColumns.split(" ").length;
      return { backgroundColor, borderRadius, color, columns };
    });
    assert.deepEqual(found, { backgroundColor: "rgb(1, 2, 3)", borderRadius: "0px", color: "rgb(250, 251, 252)", columns: 1 });
  });
});

const shared = { "content-type": "text/html; charset=utf-8", "access-control-allow-origin": "*" };
const footer = "<footer><p>The end of the page, which must not move.</p></footer>";

/** Collects from the start how much moved, but by input of the reader, and how long tasks took. */
const watchShifts = `<script>
  shift = 0;
  tasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => entry.hadRecentInput || (shift += entry.value)))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks.push(entry.duration)))
    .observe({ type: "longtask", buffered: true });
</script>`;

/** A site that has the widget in a script of its own. */
async function bundled(request, response) {
  const text = await (await fetch(`${demo.address}/widget.js`)).text();
  response.writeHead(200, { "content-type": "text/javascript" }).end(`(() => { ${text} })();`);
}

function styled(address) {
  return `<link rel="stylesheet" href="${address}/widget.css">`;
}

/** The panels that the page asked for. */
const asked = (page) =>
  page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.includes("/v1/related")));

/** A server of panels that answers as `answer` does. */
async function withServer(answer, use) {
  const server = createServer((request, response) => (answer ? answer(request, response) : response.destroy()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await use(`http://localhost:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Answers as the demo does, while it is there. */
async function pass(request, response) {
  try {
    const answer = await fetch(demo.address + request.url);
    response.writeHead(answer.status, shared).end(await answer.text());
  } catch {
    response.destroy();
  }
}
