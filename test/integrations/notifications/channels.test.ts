import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createChannels } from "../../../src/composition/notificationChannels.ts";
import { parseConfig } from "../../../src/config/index.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import type { Channel, NotificationLinks } from "../../../src/domain/ports/notifier.ts";
import { slackBody } from "../../../src/integrations/notifications/channels/slack.ts";
import { buildMessage } from "../../contract/outbox.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { startSmtpServer } from "../../helpers/smtpServer.ts";
import { testClock } from "../../helpers/testClock.ts";

const TICKET = "0b5e1ac4-7d0c-4c1f-9a58-1f6f0b7f2c11";
const LINKS: NotificationLinks = {
  page: "https://heal.example/tickets/1",
  answer: "https://heal.example/answer/abc.def",
  command: "selfheal approve 0b5e1ac4, selfheal reject 0b5e1ac4",
};
const NONE: NotificationLinks = { page: null, answer: null, command: null };

function make(settings: Record<string, unknown>[], env: Record<string, string> = {}) {
  const logged: unknown[] = [];
  const note = (message: string, facts?: unknown) => void logged.push([message, facts]);
  const channels = createChannels(parseConfig({ notificationChannels: settings }), {
    clock: testClock(),
    log: { info: note, warn: note, error: note },
    secretOf: (name) => env[name],
  });
  return { channels, first: channels[0] as Channel, logged };
}

/** How sending failed, in the words that are stored; "" when it did not. */
async function failureOf(channel: Channel, signal = new AbortController().signal): Promise<string> {
  return channel.send(buildMessage("k"), NONE, signal).then(
    () => "",
    (error: Error) => `${(error as { code?: string }).code}: ${error.message} ${JSON.stringify(error.cause ?? "")}`,
  );
}

describe("the configured channels", () => {
  it("say everything that is wrong at once, by path, and no value of a secret", () => {
    const settings = [
      { type: "slack" },
      { type: "email", from: "a@b.example", to: ["c@d.example"] },
      { type: "webhook", url: "https://hook.example/", secretEnv: "HOOK_SECRET" },
      { type: "slack", name: "two", urlEnv: "OTHER" },
      { type: "webhook", url: "https://hook.example/" },
    ];
    expect(() => make(settings, { OTHER: "hunter2" })).toThrow(
      [
        "notificationChannels[0].urlEnv: the environment variable SELFHEAL_SLACK_URL is not set",
        "notificationChannels[1].smtpUrlEnv: the environment variable SELFHEAL_SMTP_URL is not set",
        "notificationChannels[2].secretEnv: the environment variable HOOK_SECRET is not set",
        "notificationChannels[3].urlEnv: the environment variable OTHER holds no https:// or http:// address",
        'notificationChannels[4].name: "webhook" is there twice: give each channel a name',
      ].join("; "),
    );
  });

  it("are one a mail recipient, each once", () => {
    const mail = { type: "email", name: "ops", from: "a@b.example", to: ["c@d.example", "e@f.example", "c@d.example"] };
    const { channels } = make([mail, { type: "log" }], { SELFHEAL_SMTP_URL: "smtp://127.0.0.1" });
    expect(channels.map(({ name, recipient }) => [name, recipient])).toEqual([
      ["ops/c@d.example", "c@d.example"],
      ["ops/e@f.example", "e@f.example"],
      ["log", "log"],
    ]);
  });

  it("the log says that there is a message, and not what an Event says", async () => {
    const { first, logged } = make([{ type: "log" }]);
    await first.send(
      { ...buildMessage("k", "asked"), title: "TypeError: secret" },
      LINKS,
      new AbortController().signal,
    );
    expect(JSON.stringify(logged)).toContain("selfheal approve 0b5e1ac4");
    expect(JSON.stringify(logged)).not.toMatch(/TypeError|answer\/abc/);
  });
});

describe("the webhook", () => {
  it("is POSTed as JSON with its key, signed so that the receiver can check it", async () => {
    const receiver = await startReceiver();
    const { first } = make([{ type: "webhook", url: `${receiver.url}/hook`, secretEnv: "S" }], { S: "hunter2" });
    const message: Notification = { ...buildMessage("question 1"), ticketId: TICKET };
    await first.send(message, LINKS, new AbortController().signal);
    const [got] = receiver.received;
    expect(JSON.parse(got?.body ?? "")).toEqual({ version: 1, ...message, links: LINKS });
    expect(got?.headers).toMatchObject({ "idempotency-key": "question 1", "content-type": "application/json" });
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got?.headers["x-selfheal-signature"])) ?? [];
    expect(Number(t)).toBe(Math.floor(testClock().now() / 1000));
    expect(v1).toBe(createHmac("sha256", "hunter2").update(`${t}.${got?.body}`).digest("hex"));
  });

  it("says how it failed, never where it went, and follows no redirect", async () => {
    const elsewhere = await startReceiver();
    const receiver = await startReceiver();
    const { first } = make([{ type: "webhook", url: `${receiver.url}/hunter2` }]);
    const said: string[] = [];
    for (const answer of [{ status: 500 }, { status: 307, headers: { location: elsewhere.url } }, "hangUp"] as const) {
      receiver.answer = answer;
      said.push(await failureOf(first));
    }
    said.push(await failureOf(make([{ type: "webhook", url: "http://127.0.0.1:1/hunter2" }]).first));
    said.push(await failureOf(first, AbortSignal.abort()));
    expect(said).toEqual([
      'channel: it answered HTTP 500 ""',
      'channel: it answered HTTP 307 ""',
      'channel: no answer: UND_ERR_SOCKET ""',
      expect.stringMatching(/^channel: no answer: \w+|the connection failed/),
      'channel: no answer: out of time ""',
    ]);
    expect(said.join()).not.toMatch(/hunter2|127\.0\.0\.1/);
    expect(elsewhere.received).toEqual([]);
  });
});

describe("Slack", () => {
  it("gets blocks at the address that only the environment knows, with one link to the question", async () => {
    const receiver = await startReceiver();
    const { first } = make([{ type: "slack" }], { SELFHEAL_SLACK_URL: `${receiver.url}/services/hunter2` });
    await first.send({ ...buildMessage("q", "asked"), title: "TypeError" }, LINKS, new AbortController().signal);
    const [got] = receiver.received;
    expect(got?.path).toBe("/services/hunter2");
    const body = JSON.parse(got?.body ?? "");
    expect(body.text).toBe("A person is asked: TypeError");
    expect(body.blocks.at(-1).text.text).toContain("<https://heal.example/answer/abc.def|Open the question>");
    receiver.answer = { status: 404 };
    expect(await failureOf(first)).toBe('channel: it answered HTTP 404 ""');
  });

  it.each([
    ["a mention of all", "<!channel> <!here> <!everyone>"],
    ["a mention of one", "<@U012AB3CD> <!subteam^SAZ94GDB8>"],
    ["a link", "<https://evil.example|Open the question>"],
    ["an entity", "&lt;!channel&gt;"],
    ["a link cut in two", `${"x".repeat(2499)}<!channel>`],
    ["a broken pair", `${"x".repeat(2499)}\u{1f600}`],
  ])("makes nothing of %s in what an Event says", (_, text) => {
    const body = slackBody({ ...buildMessage("k"), title: text.slice(0, 200), text }, LINKS);
    const others = [body.text, ...body.blocks.slice(0, 2).map((block) => block.text.text)];
    for (const other of others) expect(other).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)|\p{Surrogate}/u);
    expect(body.blocks.slice(0, 2).map((block) => block.text.type)).toEqual(["plain_text", "plain_text"]);
    expect(body.blocks.every((block) => block.text.text.length <= 3000)).toBe(true);
    expect(body.blocks.at(-1)?.text.text).not.toContain("evil");
  });

  it("a link of ours cannot be broken out of", () => {
    const body = slackBody(buildMessage("k"), { ...NONE, page: "https://heal.example/a|b><!channel>" });
    expect(body.blocks.at(-1)?.text.text).toBe(
      "<https://heal.example/a%7Cb%3E%3C!channel%3E|Read everything about it>",
    );
  });
});

describe("mail", () => {
  const settings = { type: "email", from: "selfheal <heal@b.example>", to: ["ops@d.example"] };

  it("goes out over SMTP as text, and again as the same mail", async () => {
    const smtp = await startSmtpServer();
    const { first } = make([settings], { SELFHEAL_SMTP_URL: `smtp://me:hunter%202@127.0.0.1:${smtp.port}` });
    const message: Notification = { ...buildMessage("q 1", "asked"), ticketId: TICKET, text: "one\ntwo" };
    for (let n = 0; n < 2; n++) await first.send(message, LINKS, new AbortController().signal);
    await first.send({ ...message, key: "q 2" }, LINKS, new AbortController().signal);
    const [mail, again, other] = smtp.mails;
    expect(mail).toMatchObject({ login: ["me", "hunter 2"], from: "heal@b.example", to: ["ops@d.example"] });
    expect(mail?.source).toContain("Subject: A person is asked: title of q 1\n");
    expect(mail?.source).toContain("\n> one\n> two\n");
    expect(mail?.source).toContain("\nOpen the question: https://heal.example/answer/abc.def\n");
    const idOf = (source = "") => /^Message-ID: (<[0-9a-f-]{36}@b\.example>)$/im.exec(source)?.[1];
    expect(idOf(mail?.source)).toBeDefined();
    expect(idOf(again?.source)).toBe(idOf(mail?.source));
    expect(idOf(other?.source)).not.toBe(idOf(mail?.source));
    expect(smtp.mails.map(({ source }) => source).join()).not.toContain("hunter");
  });

  it.each([
    ["a header", "x\r\nBcc: evil@evil.example"],
    ["a header after a lone line feed", "x\nBcc: evil@evil.example"],
    ["a body", "x\r\n\r\nOpen the question: https://evil.example"],
    ["an end of data", "x\r\n.\r\nMAIL FROM:<evil@evil.example>"],
    ["an encoded word", "=?utf-8?q?x=0ABcc:_evil@evil.example?="],
  ])("cannot be given %s by what an Event says", async (_, text) => {
    const smtp = await startSmtpServer();
    const { first } = make([settings], { SELFHEAL_SMTP_URL: `smtp://127.0.0.1:${smtp.port}` });
    await first.send({ ...buildMessage("k"), title: text, text }, LINKS, new AbortController().signal);
    expect(smtp.mails).toHaveLength(1);
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(["ops@d.example"]);
    const [head = "", ...body] = (mail?.source ?? "").split("\n\n");
    expect(head.split("\n").filter((line) => /^(?:bcc|cc|open)\b/i.test(line))).toEqual([]);
    expect(head.match(/^(?:From|To|Subject):/gm)).toHaveLength(3);
    const own = body
      .join("\n\n")
      .split("\n")
      .filter((line) => /^Open the question/.test(line));
    expect(own).toEqual(["Open the question: https://heal.example/answer/abc.def"]);
  });

  it("says how it failed in codes, for a server may repeat what it was told", async () => {
    const smtp = await startSmtpServer();
    const { first } = make([settings], { SELFHEAL_SMTP_URL: `smtp://me:hunter2@127.0.0.1:${smtp.port}` });
    smtp.answers.set("AUTH", "535 wrong: hunter2");
    const refused = await failureOf(first);
    smtp.answers.delete("AUTH");
    smtp.answers.set("DATA", "hangUp");
    const cut = await failureOf(first);
    const gone = await failureOf(make([settings], { SELFHEAL_SMTP_URL: "smtp://me:hunter2@127.0.0.1:1" }).first);
    expect(refused).toBe('channel: the mail server did not take it: EAUTH 535 ""');
    expect([refused, cut, gone].join()).not.toContain("hunter2");
    expect(cut).toMatch(/ECONNECTION|ESOCKET/);
    expect(gone).toMatch(/ESOCKET|ECONNECTION|ECONNREFUSED/);
    expect(smtp.mails).toEqual([]);
  });

  // Only Linux has more than one loopback address without asking.
  it.skipIf(process.platform !== "linux")("gives no password in the clear to another machine", async () => {
    const smtp = await startSmtpServer("127.0.0.2");
    smtp.answers.set("STARTTLS", "502 no");
    const { first } = make([settings], { SELFHEAL_SMTP_URL: `smtp://me:hunter2@127.0.0.2:${smtp.port}` });
    expect(await failureOf(first)).toMatch(/^channel: the mail server did not take it: ETLS/);
    expect(smtp.heard).not.toContain("AUTH");
    expect(smtp.heard).toContain("EHLO");
  });
});
