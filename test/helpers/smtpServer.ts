import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface Mail {
  /** What the AUTH PLAIN command gave: user and password. */
  login: string[];
  from: string;
  to: string[];
  /** Header and text, as they came; lines end with \n. */
  source: string;
}

/** A small real SMTP server on loopback: EHLO, AUTH PLAIN, MAIL, RCPT, DATA, QUIT. */
export interface SmtpServer {
  port: number;
  mails: Mail[];
  /** First words of the commands that came. */
  heard: string[];
  /** Commands that are answered with this line instead, by their first word; `hangUp` cuts the connection. */
  answers: Map<string, string>;
}

/** It goes when the running test is over. */
export async function startSmtpServer(host = "127.0.0.1"): Promise<SmtpServer> {
  const sockets = new Set<Socket>();
  const smtp: SmtpServer = { port: 0, mails: [], heard: [], answers: new Map() };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    void talk(smtp, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  smtp.port = (server.address() as AddressInfo).port;
  return smtp;
}

async function talk({ mails, heard, answers }: SmtpServer, socket: Socket): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let mail: Mail = { login: [], from: "", to: [], source: "" };
  let data: string[] | null = null;
  say("220 test");
  for await (const line of createInterface({ input: socket })) {
    if (data !== null) {
      if (line !== ".") {
        data.push(line.replace(/^\.\./, "."));
        continue;
      }
      mails.push({ ...mail, source: data.join("\n") });
      data = null;
      say(answers.get(".") ?? "250 kept");
      continue;
    }
    const [word = ""] = line.toUpperCase().split(" ", 1);
    heard.push(word);
    const other = answers.get(word);
    if (other === "hangUp") return void socket.destroy();
    if (other !== undefined) {
      say(other);
      continue;
    }
    const address = /<(.*)>/.exec(line)?.[1] ?? "";
    if (word === "EHLO") say("250-test\r\n250 AUTH PLAIN");
    else if (word === "AUTH") {
      mail.login = Buffer.from(line.split(" ")[2] ?? "", "base64")
        .toString("utf8")
        .split("\0")
        .slice(1);
      say("235 welcome");
    } else if (word === "MAIL") {
      mail = { ...mail, from: address, to: [] };
      say("250 ok");
    } else if (word === "RCPT") {
      mail.to.push(address);
      say("250 ok");
    } else if (word === "DATA") {
      data = [];
      say("354 go on");
    } else if (word === "QUIT") socket.end("221 bye\r\n");
    else say("250 ok");
  }
}
