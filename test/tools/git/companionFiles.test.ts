import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { companionFilesOf } from "../../../src/tools/git/companionFiles.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { service } from "../../helpers/service.ts";

describe("companions", () => {
  const repo = gitRepository({ "app/main.js": "", "app/trigger.mjs": "", "fixtures/a.json": "", "with space.js": "" });
  const outside = join(temporaryFolder("outside", "/var/tmp"), "probe.mjs");
  writeFileSync(outside, "");
  const shop = service(repo.dir, { root: "app" });

  it.each([
    ["node trigger.mjs", ["app/trigger.mjs"], []],
    ["FIXTURE=../fixtures/a.json node './trigger.mjs' --check", ["app/trigger.mjs", "fixtures/a.json"], []],
    [`node ${repo.dir}/app/main.js && node --import=./trigger.mjs x`, ["app/main.js", "app/trigger.mjs"], []],
    ['node "../with space.js"', ["with space.js"], []],
    [`node ${outside}`, [], [outside]],
    ["node absent.mjs; cat /etc/passwd ../.git/config; ls ..", [], []],
  ])("of %s", (command, copied, bound) => {
    expect(companionFilesOf(shop, command)).toEqual({ copied, bound });
  });

  it("are those that are configured", () => {
    const configured = { ...shop, companionFiles: ["fixtures", outside] };
    expect(companionFilesOf(configured, undefined)).toEqual({ copied: ["fixtures"], bound: [outside] });
    expect(() => companionFilesOf({ ...shop, companionFiles: ["absent"] }, undefined)).toThrow(
      /absent of shop is not there/,
    );
  });
});
