// Starts what the browser tests need: the demo as its users start it, and a browser.
// The demo runs in a folder of its own, so that it serves the sample site that is in the binary, or articles of a test.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const BUILT = fileURLToPath(new URL("../../target/debug/readnext", import.meta.url));
const START_MS = 120_000;
const STOP_MS = 10_000;
// A headless browser calls itself a robot, and robots are not recorded. What a page sends when it is left goes by the
// browser's own name, not by one that a test gives to the page.
const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const BROWSER_FLAGS = [
  `--user-agent=${AGENT}`,
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the demo, of `articles` if there are some, in a temporary data folder of its own or in one that `events` can be asked of. */
export async function startDemo({ keeps = false, articles } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "readnext-demo-"));
  if (articles) await writeFile(join(folder, "articles.jsonl"), articles.map((article) => JSON.stringify(article)).join("\n"));
  const corpus = articles ? ["--corpus", "articles.jsonl"] : [];
  const binary = resolve(process.env.READNEXT_BIN || BUILT);
  const settings = { cwd: folder, env: withoutSettings(process.env) };
  const data = keeps ? ["--data", "."] : [];
  const child = spawn(binary, ["demo", "--listen", "127.0.0.1:0", ...data, ...corpus], {
    ...settings,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    const address = await listening(child, binary);
    return { address, events, stop: () => stop(child).finally(cleanUp) };
  } catch (error) {
    kill();
    await cleanUp();
    throw error;
  }

  /** What the journal holds, in its order. */
  async function events() {
    const { stdout } = await promisify(execFile)(binary, ["events", "export", ...data], settings);
    return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  async function cleanUp() {
    process.off("exit", kill);
    await rm(folder, { recursive: true, force: true });
  }
}

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: BROWSER_FLAGS,
  });
}

// Settings of the shell must not lead the demo to other data.
function withoutSettings(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("READNEXT_")));
}

function listening(child, binary) {
  return new Promise((found, failed) => {
    let told = "";
    const fail = (reason) => failed(new Error(`${binary}: ${reason}; expected a line "listening on http://ADDR"\n${told}`));
    const timer = setTimeout(() => fail(`said nothing for ${START_MS / 1000} s`), START_MS);
    child.stderr.on("data", (text) => (told += text));
    child.once("error", (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal}`);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (!address) return;
      clearTimeout(timer);
      found(address);
    });
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error(`the demo ended early: found ${child.exitCode ?? child.signalCode}, expected it to run until stopped`);
  }
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  child.kill("SIGTERM");
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the demo did not stop cleanly: found ${code ?? signal}, expected exit code 0`);
}
