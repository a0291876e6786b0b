import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { TOKEN } from "../../../stand-ins/page-server.ts";
import { hasBrowser, ready } from "../browser.ts";
import { expectText, usePage } from "./use-page.ts";

/** The half of the session that the page keeps for its own origin. */
const kept = (page: Page) => page.evaluate(() => localStorage.getItem("integraviz-csrf"));

describe.skipIf(!hasBrowser)("logging in", () => {
  const site = usePage();

  test("takes the token from the link and out of the address, keeping the view", async () => {
    const page = await site.open(`${site.server.link}&x=step`);
    await ready(page);
    await expect.poll(() => page.url()).toBe(`${site.server.origin}/#project=mnist&x=step`);
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.reload();
    await ready(page);
  });

  test("asks for a token without one, and again when it is not good", async () => {
    const page = await site.open(site.server.origin);
    await page.getByTestId("login-token").fill("nonsense");
    await page.keyboard.press("Enter");
    await page.getByText("This token is not good. Copy it again.").waitFor();
    await page.getByTestId("login-token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await ready(page);
    expect(await kept(page)).toMatch(/^csrf-/);
    await page.getByTestId("logout").click();
    await page.getByTestId("login").waitFor();
    expect(await kept(page)).toBeNull();
  });

  test("the cookie alone, as other ports of the host see it, opens nothing", async () => {
    const page = await site.open();
    await ready(page);
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.getByTestId("login").waitFor();
    expect(await page.context().cookies()).toMatchObject([{ name: "s", httpOnly: true }]);
  });

  test("a session is renewed while the page is open, and for its other windows", async () => {
    const page = await site.open("about:blank");
    await page.clock.install();
    await page.goto(site.server.link);
    await ready(page);
    const other = await page.context().newPage();
    await other.goto(site.server.origin);
    await ready(other);
    const before = await kept(page);
    await page.clock.fastForward("01:00:01");
    await expect.poll(() => kept(page)).not.toBe(before);
    expect(await kept(other)).toBe(await kept(page));
    const asked = site.server.requests.filter(({ path }) => path.startsWith("/v1/stream")).length;
    site.server.dropStreams();
    await expect
      .poll(() => site.server.requests.filter(({ path }) => path.startsWith("/v1/stream")).length)
      .toBeGreaterThan(asked);
    await ready(other);
    site.server.push("mnist", { run: site.live.run, kind: "on_train_end", logs: { status: "stopped" } });
    await expectText(other.getByTestId("focus-state"), "stopped");
  });

  test("waits for a server that fails, instead of asking someone who is logged in", async () => {
    const page = await site.open();
    await ready(page);
    site.server.fail("/v1/session", 1000);
    await page.reload();
    await expectText(page.getByTestId("waiting"), "The database is restarting.");
    site.server.fail("/v1/session", 0);
    await ready(page);
  });

  test("takes the token from a link that is pasted into an open page", async () => {
    const page = await site.open(site.server.origin);
    await page.getByTestId("login").waitFor();
    const paste = (hash: string) => page.evaluate((to) => location.assign(to), `#${hash}`);
    await paste("token=nonsense");
    await page.getByText("This token is not good. Copy it again.").waitFor();
    await paste(`token=${TOKEN}&x=step`);
    await ready(page);
    await expect.poll(() => page.url()).toBe(`${site.server.origin}/#project=mnist&x=step`);
    await paste(`token=${TOKEN}&tab=table`);
    await page.getByTestId("runs-table").waitFor();
    await expect.poll(() => page.url()).toBe(`${site.server.origin}/#tab=table&project=mnist`);
  });

  test("comes back to the login when the session ends under it", async () => {
    const page = await site.open();
    await ready(page);
    site.server.endSession();
    await page.getByText("The session has ended.").waitFor();
  });

  test("hides what the token may not do", async () => {
    await site.restart({ scopes: ["read"] });
    const page = await site.open();
    await ready(page);
    expect(await page.getByTestId("stop-run").isVisible()).toBe(false);
    expect(await page.getByTestId("edit-run").isVisible()).toBe(false);
  });
});
