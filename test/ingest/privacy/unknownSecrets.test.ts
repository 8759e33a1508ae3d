import { describe, expect, test } from "vitest";
import { isRandomText } from "../../../src/domain/randomText.ts";
import { redactText } from "../../../src/ingest/privacy/redactText.ts";
import { scrub } from "../../../src/ingest/privacy/scrub.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { harmlessTexts, PLACES, plantedSecrets } from "../../helpers/secretCorpus.ts";

/** Kinds and places of secrets that survive. */
function surviving(set: "first" | "fresh", seed: number): string[] {
  return plantedSecrets(set, seed, 1).flatMap(({ kind, text, secret }) =>
    Object.entries(PLACES).flatMap(([place, plant]) => {
      const kept = JSON.stringify(scrub(buildEvent(plant(text))));
      return kept.includes(JSON.stringify(secret).slice(1, -1)) ? [`${kind} in ${place}`] : [];
    }),
  );
}

describe("secrets that no pattern knows", () => {
  test.each(["first", "fresh"] as const)("%s set: 12 places, and what a reader needs stays", (set) => {
    expect(surviving(set, 7)).toEqual([]);
    const harmless = harmlessTexts(set, 7);
    expect(harmless.filter((text) => redactText(text) !== text)).toEqual([]);
  });

  test.each([
    ["der Zugang mit Passwort: Sommer!2024 ging nicht", "der Zugang mit Passwort: [scrubbed:secret] ging nicht"],
    ["пароль = Зима2024", "пароль = [scrubbed:secret]"],
    ["密码：hunter2024", "密码：[scrubbed:secret]"],
    ["the code is 482913.", "the code is [scrubbed:secret]."],
    ["your PIN: 4711", "your PIN: [scrubbed:secret]"],
    ["/password/reset/q7RkXv2MZp0LwYt9BsEa/done", "/password/reset/[scrubbed:token]/done"],
    ["/cb?code=q7RkXv2MZp0L&state=open", "/cb?code=[scrubbed:secret]&state=open"],
  ])("%j", (given, expected) => {
    expect(redactText(given)).toBe(expected);
    expect(redactText(expected)).toBe(expected);
  });

  test("an id stays under a name that says so, at any depth; a key of the same form does not", () => {
    const [id, key] = ["9f86d081884c7d659a2feaa0c55ad015", "a3bf4f1b2b0b822cd15d6c15b0f00a08"];
    const event = buildEvent({
      tags: { traceId: id, upstream: key },
      extra: { build: JSON.stringify({ commit: id, deep: [{ requestId: id }, key] }) },
    });
    const text = JSON.stringify(scrub(event));
    expect(text.split(id)).toHaveLength(4);
    expect(text).not.toContain(key);
  });

  test("a source line keeps its names, and loses a quoted key", () => {
    const name = "const AbstractAnnotationConfigDispatcherServletInitializer2 = load()";
    expect(redactText(name, "quoted")).toBe(name);
    expect(redactText('connect("q7RkXv2MZp0LwYt9BsEa")', "quoted")).toBe('connect("[scrubbed:token]")');
  });

  test.each([
    ["q7RkXv2MZp0LwYt9BsEa", true],
    ["EntityManagerFactoryBean2", false],
    ["8c1e4a10-8f5c-4a33-9f34-1d2f0a6f3b11", false],
    ["12345678901234567890", false],
    ["ein-sehr-langer-deutscher-name", false],
  ])("%s is random: %s", (text, isRandom) => {
    expect(isRandomText(text)).toBe(isRandom);
  });
});
