import { Client } from "@langchain/langgraph-sdk";
import { signLink } from "../../../src/dashboard/access/answerLinks.ts";
import type { DecisionType } from "../../../src/domain/approval.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { runCli } from "../../helpers/cliRun.ts";
import type { Asked } from "./server.ts";

export const WAYS = ["sdk", "rest", "form", "cli", "link"] as const;
export type Way = (typeof WAYS)[number];

/** What somebody is told: their answer counts; somebody or something was before it; it is none. */
export interface Told {
  result: "taken" | "tooLate" | "invalid";
  text: string;
}

export interface Answer {
  type: DecisionType;
  /** The patch that they mean; default: the one that is asked about. */
  patchDigest?: string;
  diff?: string;
  /** Of a link: it has run out. */
  expired?: boolean;
}

type Send = (ticket: Ticket, answer: Answer) => Promise<Told>;

/** Which answers a way has at all. The form has no edit: a text box would change line ends. */
export const OFFERS: Readonly<Record<Way, readonly DecisionType[]>> = {
  sdk: ["approve", "edit", "reject", "guide", "takeOver", "dismiss"],
  rest: ["approve", "edit", "reject", "guide", "takeOver", "dismiss"],
  form: ["approve", "reject", "guide", "takeOver", "dismiss"],
  cli: ["approve", "reject", "guide", "takeOver", "dismiss"],
  link: ["approve", "reject", "guide", "dismiss"],
};

const COMMANDS: Partial<Record<DecisionType, string>> = { takeOver: "take-over" };

const byStatus = (status: number): Told["result"] =>
  status < 400 ? "taken" : status === 409 || status === 410 ? "tooLate" : "invalid";

/** Every way to answer, as people and programs use it. */
export async function openWays({ url, token, secret }: Asked): Promise<Record<Way, Send>> {
  const session = await signIn(url, token);
  const client = new Client({ apiUrl: url, apiKey: token, callerOptions: { maxRetries: 0 } });
  const fieldsOf = ({ approval }: Ticket, { type, patchDigest, diff }: Answer, by: string) => {
    const meant = patchDigest ?? approval?.patchDigest ?? undefined;
    return {
      type,
      message: "m",
      by,
      ...(meant !== undefined && { patchDigest: meant }),
      ...(diff !== undefined && { diff }),
    };
  };
  const post = async (path: string, body: RequestInit["body"], headers: Record<string, string>): Promise<Told> => {
    const reply = await fetch(`${url}${path}`, { method: "POST", body: body ?? null, headers, redirect: "manual" });
    return { result: byStatus(reply.status), text: await reply.text() };
  };
  return {
    sdk: (ticket, answer) =>
      client.runs
        .create(ticket.id, "selfheal", { command: { resume: { decisions: [fieldsOf(ticket, answer, "sdk")] } } })
        .then(
          () => ({ result: "taken", text: "" }),
          (error: { status?: number; message: string }) => ({
            result: byStatus(error.status ?? 500),
            text: error.message,
          }),
        ),
    rest: (ticket, answer) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      return post(`/v1/tickets/${ticket.id}/decision`, JSON.stringify(fieldsOf(ticket, answer, "rest")), headers);
    },
    form: (ticket, answer) => {
      const { by: _, ...fields } = fieldsOf(ticket, answer, "form");
      const body = new URLSearchParams({ ...fields, csrf: session.csrf, from: "ticket" });
      return post(`/tickets/${ticket.id}/decision`, body, { cookie: session.cookie, origin: url, accept: "text/html" });
    },
    async cli({ id }, { type }) {
      const env = { SELFHEAL_URL: url, SELFHEAL_TOKEN: token, USER: "cli" };
      const { code, stdout, stderr } = await runCli([COMMANDS[type] ?? type, id, "--message", "m"], { env });
      const late = /answered|asks nothing|is closed already/i.test(stderr);
      return { result: code === 0 ? "taken" : late ? "tooLate" : "invalid", text: stdout + stderr };
    },
    link: (ticket, answer) => {
      const { kind, askedAt, patchDigest } = ticket.approval ?? { kind: "escalate", askedAt: 0, patchDigest: null };
      const about = { ticketId: ticket.id, kind, askedAt, patchDigest: answer.patchDigest ?? patchDigest };
      const expiresAt = answer.expired === true ? Date.now() - 1 : Date.now() + 60_000;
      const path = `/answer/${signLink({ ...about, recipient: "mail", expiresAt }, secret)}`;
      return post(path, new URLSearchParams({ type: answer.type, message: "m" }), { origin: url });
    },
  };
}

async function signIn(url: string, token: string): Promise<{ cookie: string; csrf: string }> {
  const body = new URLSearchParams({ token });
  const reply = await fetch(`${url}/login`, { method: "POST", body, headers: { origin: url }, redirect: "manual" });
  const cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await (await fetch(`${url}/`, { headers: { cookie, accept: "text/html" } })).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1];
  if (csrf === undefined) throw new Error("the overview has no form");
  return { cookie, csrf };
}
