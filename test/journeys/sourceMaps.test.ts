import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { appFiles, buildApp } from "../helpers/builtApp.ts";
import { runCli } from "../helpers/cliRun.ts";
import { startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

test("a crash of minified code is planned at the line of its TypeScript, by the maps that were uploaded", async () => {
  const dir = tempFolder();
  const repo = join(dir, "repo");
  const app = await buildApp(appFiles(3), repo);
  writeFileSync(join(repo, ".gitignore"), "dist\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: repo });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "Ship to customers");
  const services = [{ name: "web", project: "test", repo }];
  const server = await startServe(join(dir, "home"), { autonomy: "assist", services });
  onTestFinished(async () => void (await server.stop()));
  const env = { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token, USER: "ann" };

  const uploaded = await runCli(["sourcemaps", "upload", "--release", "2026.11", app.dist], { env });
  expect(uploaded).toMatchObject({ code: 0, stderr: "" });
  expect(uploaded.stdout).toContain("1 source maps of 2026.11 are there");
  const listed = await runCli(["sourcemaps", "list", "--json"], { env });
  expect(JSON.parse(listed.stdout).releases).toMatchObject([
    { project: "test", release: "2026.11", files: 1, faulty: 0 },
  ]);

  const stack = app.crash(`https://shop.example.com/${app.file}`);
  const exception = { type: "TypeError", value: stack.split("\n")[0]?.slice("TypeError: ".length), stack };
  expect((await server.post({ service: "web", platform: "browser", release: "2026.11", exception })).status).toBe(202);
  const ticket = await server.ticketWhere(({ plan }) => plan !== null);
  expect(ticket.plan).toMatchObject({
    action: "fix",
    files: ["src/address.ts", "src/checkout.ts", "src/main.ts"],
    rootCause: expect.stringContaining("in cityOf at src/address.ts:12"),
  });
  expect(ticket.plan?.places[0]).toMatchObject({ file: "src/address.ts", line: 12, function: "cityOf" });

  // What the API refuses, and who may ask it.
  const put = (query: string, body: string, token = server.token) =>
    fetch(`${server.url}/v1/sourcemaps?${query}`, {
      method: "PUT",
      body,
      headers: { authorization: `Bearer ${token}` },
    });
  expect((await put("release=1&file=a.js", "{}", "sh_wrong")).status).toBe(401);
  expect((await put("release=1&file=a.js", "{}")).status).toBe(400);
  expect((await put("release=1&file=../a.js", "{}")).status).toBe(400);
  expect((await put("release=1&file=a.js&project=other", "{}")).status).toBe(400);
  const entries = await server.get<{ entries: { kind: string; actor: string }[] }>("/v1/audit");
  const kinds = entries.entries.filter(({ kind }) => kind.startsWith("sourcemaps"));
  expect(kinds).toMatchObject([{ kind: "sourcemaps.uploaded", actor: "person:ann" }]);
});
