import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../trainer/client/index.ts";
import { collectProvenance, maskSecrets } from "../../../trainer/client/provenance.ts";
import { standIn, until } from "../../stand-ins/api.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "provenance-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
  }).trim();

function repository(): void {
  git("init", "-q", "-b", "topic");
  writeFileSync(join(folder, "train.py"), "lr = 1\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
}

/** With this script in the place of git. */
async function withGit(script: string, use: () => Promise<void>): Promise<void> {
  const bin = mkdtempSync(join(tmpdir(), "git-"));
  writeFileSync(join(bin, "git"), script);
  chmodSync(join(bin, "git"), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${bin}:${PATH}`;
  try {
    await use();
  } finally {
    process.env.PATH = PATH;
    rmSync(bin, { recursive: true });
  }
}

describe("where a run comes from", () => {
  test("commit and branch; a hash of the changes that follows them, and none where there are none", async () => {
    repository();
    const clean = await collectProvenance({ cwd: folder });
    expect(clean).toMatchObject({ git_commit: git("rev-parse", "HEAD"), git_branch: "topic", host: hostname() });
    expect(clean.git_dirty).toBe(false);
    expect(clean).not.toHaveProperty("git_diff_sha256");
    const hashAfter = async (text: string) => {
      writeFileSync(join(folder, "train.py"), text);
      const { git_dirty, git_diff_sha256 } = await collectProvenance({ cwd: folder });
      expect(git_dirty).toBe(true);
      return git_diff_sha256;
    };
    const first = await hashAfter("lr = 2\n");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashAfter("lr = 3\n")).not.toBe(first);
    expect(await hashAfter("lr = 2\n")).toBe(first);
  });

  test("without git there is the rest", async () => {
    const found = await collectProvenance({ cwd: folder, argv: ["node", "train.ts", "--epochs", "3"] });
    expect(found).toMatchObject({ command: "node train.ts --epochs 3", runtime: `node ${process.versions.node}` });
    expect(Object.keys(found).filter((name) => name.startsWith("git"))).toEqual([]);
  });

  test("what git takes too long to say is left out, so that unknown is not taken for clean", async () => {
    repository();
    const path = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
    await withGit(`#!/bin/sh\n[ "$1" = diff ] && exec sleep 60\nexec ${path} "$@"\n`, async () => {
      const found = await collectProvenance({ cwd: folder });
      expect(found.git_commit).toMatch(/^[0-9a-f]{40}$/);
      expect(Object.keys(found)).not.toContain("git_dirty");
    });
  });

  test("without a working folder there is the rest", async () => {
    const gone = vi.spyOn(process, "cwd").mockImplementation(() => {
      throw new Error("ENOENT: no such file or directory, uv_cwd");
    });
    const found = await collectProvenance();
    gone.mockRestore();
    expect(Object.keys(found).sort()).toEqual(["command", "host", "runtime", "user"]);
  });

  test("packages are those of the nearest package.json, as they are installed", async () => {
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ dependencies: { b: "^1.0.0", "@s/a": "*", gone: "1" } }),
    );
    for (const [name, version] of [
      ["b", "1.4.2"],
      ["@s/a", "0.1.0"],
    ] as const) {
      mkdirSync(join(folder, "node_modules", name), { recursive: true });
      writeFileSync(join(folder, "node_modules", name, "package.json"), JSON.stringify({ version }));
    }
    mkdirSync(join(folder, "src"));
    expect((await collectProvenance({ cwd: join(folder, "src") })).packages).toEqual({ "@s/a": "0.1.0", b: "1.4.2" });
  });
});

describe("secrets in a command line are masked", () => {
  test.each([
    [["train", "--token", "abc", "--epochs", "3"], "train --token *** --epochs 3"],
    [["train", "--token=abc"], "train --token=***"],
    [["train", "-password", "p w"], "train -password ***"],
    [
      ["train", "--api-key", "k", "--apiKey=k", "--AWS_SECRET_ACCESS_KEY=k"],
      "train --api-key *** --apiKey=*** --AWS_SECRET_ACCESS_KEY=***",
    ],
    [["env", "MY_TOKEN=abc", "train"], "env MY_TOKEN=*** train"],
    [["train", "--url", "https://ada:pw@host/x?token=abc&b=1"], "train --url 'https://***@host/x?token=***&b=1'"],
    [["train", "--db=postgres://u:p@h/d"], "train --db=postgres://***@h/d"],
    [["train", "-H", "Authorization: Bearer abc.def"], "train -H 'Authorization: Bearer ***'"],
    [["train", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"], "train '***'"],
    [["train", "--token", "--verbose"], "train --token --verbose"],
    [["train", "--name", "it's new", "--learning-rate=0.1"], "train --name 'it'\\''s new' --learning-rate=0.1"],
  ])("%j", (argv, command) => {
    expect(maskSecrets(argv).replaceAll("'***'", "***")).toBe(command.replaceAll("'***'", "***"));
  });
});

describe("the client", () => {
  async function tagsOf(options: { provenance?: boolean }): Promise<Record<string, unknown>[]> {
    const api = await standIn();
    const client = connect({ url: api.url, token: "secret", drainOnExit: false, flushMs: 5, ...options });
    const run = client.run({ tags: { model: "m" } });
    run.begin();
    const summary = await run.end();
    expect(summary).toMatchObject({ undelivered: 0, refused: 0 });
    client.close();
    await api.close();
    return api.events.filter(({ kind }) => kind === "tags").map(({ logs }) => logs!);
  }

  test("says it of a run however short, unless told not to", async () => {
    const [own, said] = await tagsOf({});
    expect(own).toEqual({ model: "m" });
    expect(said).toEqual({ provenance: expect.objectContaining({ host: hostname(), command: expect.any(String) }) });
    expect(await tagsOf({ provenance: false })).toEqual([{ model: "m" }]);
  });

  test("neither waits for git nor fails with it", async () => {
    vi.resetModules();
    const { connect } = await import("../../../trainer/client/index.ts");
    await withGit("#!/bin/sh\nsleep 60\n", async () => {
      const api = await standIn();
      const client = connect({ url: api.url, token: "secret", drainOnExit: false, flushMs: 5 });
      const run = client.run();
      run.begin();
      expect(await run.end({ deadlineMs: 200 })).toMatchObject({ undelivered: 0 });
      const kinds = () => api.events.map(({ kind }) => kind);
      expect(kinds()).toEqual(["on_train_begin", "heartbeat", "on_train_end"]);
      // It says the rest when it knows, if there still is somebody to say it.
      await until(() => kinds().at(-1) === "tags", "where it comes from");
      expect(api.events.at(-1)!.logs).toEqual({ provenance: expect.objectContaining({ host: hostname() }) });
      client.close();
      await api.close();
    });
  });
});
