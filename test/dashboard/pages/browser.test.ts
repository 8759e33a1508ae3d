import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HAS_BROWSER, launchBrowser } from "../../helpers/browser.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

let home: DashboardHome;
let browser: Browser | null = null;
beforeAll(async () => {
  home = await makeDashboardHome();
  if (HAS_BROWSER) browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await home.remove();
});

it.skipIf(!HAS_BROWSER)("a person signs in, approves, and sees the question go (needs Chromium)", async () => {
  const faults: string[] = [];
  const page = await (browser as Browser).newPage({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (fault) => faults.push(fault.message));

  const ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
  home.starter.expectResume(ticket.id);
  await page.goto(`${await home.listen()}/`);
  await page.getByLabel("Token").fill(await home.tokenOf("Ada"));
  await page.getByRole("button", { name: "Sign in" }).click();

  const waiting = page.getByRole("region", { name: "Waiting for you" });
  await waiting.getByText("The patch:").click();
  await waiting.getByText("user.address?.city").waitFor();
  expect(await sidewaysScroll(page)).toBe(false);
  await waiting.getByRole("button", { name: "Approve" }).click();

  await page.getByRole("status").getByText("was taken").waitFor();
  await waiting.waitFor({ state: "detached" });
  expect(home.starter.resumed).toMatchObject([{ threadId: ticket.id, decision: { type: "approve", by: "Ada" } }]);

  // The page keeps itself fresh: a change made elsewhere shows without a reload.
  await home.stores.tickets.update(ticket.id, () => ({ state: "healed" }));
  await page.getByRole("row").getByText("Healed").waitFor();
  await page.getByRole("link", { name: ticket.title }).first().click();
  await page.getByText("Fails, as it should").waitFor();
  expect(await sidewaysScroll(page)).toBe(false);
  expect(faults).toEqual([]);
});

/** On a phone nothing but tables and code of their own may be wider than the screen. */
function sidewaysScroll(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
}
