import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const EXECUTABLE = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Whether there is a browser to test with. */
export const HAS_BROWSER = EXECUTABLE !== undefined;

/** The machine's own Chromium, headless; it asks nothing of the network by itself. */
export function launchBrowser(): Promise<Browser> {
  if (EXECUTABLE === undefined) throw new Error("no Chromium on this machine");
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
