// A publisher's site of one page, of another origin than the server of panels, and the page in a browser.

import { once } from "node:events";
import { createServer } from "node:http";
import { watch } from "./watch.js";

// Long enough for a machine that compiles at the same time.
const TIMEOUT_MS = 60_000;

/**
 * Opens a page with `html` for `use(page, trouble, site)`. `head` goes into its head, `headers` come with it; what is not the page is
 * answered by `answer(request, response)`, or with nothing. `context` are options of the browser.
 */
export async function withHost(browser, { html, head = "", headers = {}, lang = "en", answer, context = {}, wait = "networkidle" }, use) {
  const site = createServer((request, response) => {
    if (request.url !== "/") {
      if (answer) return answer(request, response);
      return response.writeHead(404).end();
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(`<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Host</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">${head}</head>
      <body>${html}</body></html>`);
  });
  await once(site.listen(0, "127.0.0.1"), "listening");
  const { port } = site.address();
  try {
    await withPage(browser, context, async (page) => {
      const trouble = watch(page);
      await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: wait });
      await use(page, trouble, { address: `http://127.0.0.1:${port}` });
    });
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

/** A page of a reader of their own, as `options` of the browser say. */
export async function withPage(browser, options, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Another origin for the same server: to a browser a name and an address are two. */
export const byName = (address) => address.replace("127.0.0.1", "localhost");

/** Text of a page, long enough to scroll. */
export const story = (paragraphs = 40) => `<main><h1>A story</h1>${"<p>Once upon a time a reader went on and on.</p>".repeat(paragraphs)}</main>`;
