import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const hasBrowser = existsSync(CHROMIUM);

const ARGS = [
  "--no-sandbox",
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = (more: string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, ...more] });

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * What axe-core finds, by every rule but those of level AAA and those it calls experimental itself.
 * Injected past the page's own policy, which forbids foreign scripts.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(AXE, "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const rules = axe
      .getRules()
      .filter((rule) => !rule.tags.some((tag) => ["wcag2aaa", "wcag21aaa", "experimental"].includes(tag)))
      .map((rule) => rule.ruleId);
    const { violations } = await axe.run(document, { runOnly: { type: "rule", values: rules } });
    return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html} ${node.failureSummary}`));
  });
}

/** Waits for a live page with its first chart drawn. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('[data-testid="live"][data-status="live"]');
  await page.waitForSelector('[data-testid="line-chart"][data-points]:not([data-points="0"])');
}
