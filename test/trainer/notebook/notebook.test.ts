import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueToken } from "../../../embedded/tokens.ts";
import { hasBrowser, launch } from "../../dashboards/live/browser.ts";
import { type GatewayProcess, startGateway } from "../../embedded/gateway-process.ts";

/** The paper's experiment as somebody runs it who has a notebook, an address and a token. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const NOTEBOOK = join(ROOT, "trainer/python/mnist_convnet.ipynb");
const EXECUTE = fileURLToPath(new URL("./execute.py", import.meta.url));
const PYTHON = join(ROOT, ".venv-python/bin/python");
/** What docs/notebook.png is a copy of. */
const PICTURE = join(ROOT, "dist/pictures/notebook.png");

interface Cell {
  cell_type: string;
  source: string | string[];
  outputs?: { name?: string; text?: string | string[]; data?: Record<string, string | string[]> }[];
}

const cellsOf = (text: string) => (JSON.parse(text) as { cells: Cell[] }).cells;
const whole = (text: string | string[] = "") => [text].flat().join("");
const asText = ({ outputs = [] }: Cell) => outputs.map(({ text }) => whole(text)).join("");
const asHtml = ({ outputs = [] }: Cell) => outputs.map(({ data }) => whole(data?.["text/html"])).join("");

describe.skipIf(!existsSync(PYTHON))("the notebook", () => {
  let folder: string;
  let gateway: GatewayProcess;
  let token: string;
  let cells: Cell[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "integraviz-notebook-"));
    const data = join(folder, "data");
    gateway = await startGateway(["--no-train", "--port", "0", "--data", data]);
    const [, url, sha256] = /^Python\s+(\S+)\/integraviz\.py, sha256 (\w+)$/m.exec(gateway.output()) ?? [];
    ({ token } = await issueToken(data, { actor: "notebook", projects: "*", scopes: ["ingest", "read"] }));
    const env = {
      ...process.env,
      INTEGRAVIZ_URL: url,
      INTEGRAVIZ_SHA256: sha256,
      INTEGRAVIZ_TOKEN: token,
      INTEGRAVIZ_DIR: join(folder, "kept"),
    };
    await promisify(execFile)(PYTHON, [EXECUTE, NOTEBOOK, folder], { env });
    cells = cellsOf(await readFile(join(folder, "executed.ipynb"), "utf8")).filter((cell) => cell.cell_type === "code");
  }, 300_000);
  afterAll(async () => {
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("is kept without what it put out", () => {
    const kept = cellsOf(readFileSync(NOTEBOOK, "utf8")).filter((cell) => cell.cell_type === "code");
    expect(kept.map(({ outputs }) => outputs)).toEqual(kept.map(() => []));
    expect(kept.length).toBe(cells.length);
  });

  test("runs top to bottom, and says nothing of a fault", () => {
    const said = cells.flatMap(({ outputs = [] }) => outputs.filter(({ name }) => name === "stderr"));
    expect(said).toEqual([]);
    expect(asText(cells[0] as Cell)).toMatch(/^integraviz\.py, sha256 [0-9a-f]{64}$/m);
    expect(asText(cells[1] as Cell)).toContain("640 images to learn from");
    const [, accuracy] = /never seen: (0\.\d+)/.exec(asText(cells[3] as Cell)) ?? [];
    expect(Number(accuracy)).toBeGreaterThan(0.8);
  });

  test("ends in SQL over what it sent, and in the run's state", () => {
    const [head, ...rows] = asText(cells[4] as Cell)
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    expect(head).toEqual(["metric", "split", "epochs", "first", "best", "last"]);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ["accuracy", "test", "1"],
      ["accuracy", "train", "15"],
      ["accuracy", "validation", "15"],
      ["loss", "test", "1"],
      ["loss", "train", "15"],
      ["loss", "validation", "15"],
    ]);
    expect(asHtml(cells[5] as Cell)).toMatch(/· finished · <a href="http/);
  });

  test("keeps no token but one that may only read, for a day at the most", async () => {
    const text = await readFile(join(folder, "executed.ipynb"), "utf8");
    expect(text).not.toContain(token);
    const [kept, ...others] = new Set(text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g));
    expect(others).toEqual([]);
    const claims = JSON.parse(Buffer.from((kept as string).split(".")[1] as string, "base64url").toString());
    expect(claims).toMatchObject({ scope: "read", projects: ["mnist"] });
    expect(claims.exp - Date.now() / 1000).toBeLessThan(24 * 3600);
  });

  test.skipIf(!hasBrowser)(
    "shows the run's charts under the cell, in a page of its own",
    async () => {
      const html = await readFile(join(folder, "executed.html"));
      const notebook = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
      await new Promise<void>((resolve) => notebook.listen(0, "127.0.0.1", resolve));
      const url = `http://localhost:${(notebook.address() as AddressInfo).port}/`;
      const browser = await launch();
      try {
        const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
        // What the page would fetch from elsewhere, such as MathJax, is not to be waited for.
        await page.route(/^https:/, (route) => route.abort());
        await page.goto(url, { waitUntil: "domcontentloaded" });
        const frame = await page.waitForSelector("iframe");
        await frame.scrollIntoViewIfNeeded();
        const charts = page.frameLocator("iframe");
        for (const metric of ["accuracy", "loss"]) {
          await charts.locator(`[data-testid="gauge"][data-metric="${metric}"][data-value]`).waitFor();
          await charts.locator(`[data-testid="line-chart"][data-metric="${metric}"][data-points="31"]`).waitFor();
        }
        await charts.locator('.state[data-state="finished"]').waitFor();
        const cell = page.locator(".jp-CodeCell", { has: page.locator("iframe") });
        await mkdir(dirname(PICTURE), { recursive: true });
        await cell.screenshot({ path: PICTURE });
      } finally {
        await browser.close();
        notebook.close();
      }
    },
    60_000,
  );
});
