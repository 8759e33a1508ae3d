import type { Answer, Outcome, Refusal } from "../contract.ts";
import { STATUS, summaryOf, within } from "../faults.ts";

/** Answers in JSON. 202 is sent only after the Events are durable. */
export function respond(outcome: Outcome): Answer {
  if (outcome.kind === "refused") return refused(outcome.refusal);
  const { ids, rejected, contents } = outcome;
  if (rejected.length > 0 && rejected.length === ids.length) {
    const faults = rejected.flatMap((one) =>
      one.faults.map((fault) => (contents.isOne === true ? fault : within(one.index, fault))),
    );
    return refused({ code: "invalid", message: summaryOf(faults), faults, retryAfterS: null });
  }
  const accepted = ids.length - rejected.length;
  return json(202, rejected.length === 0 ? { accepted, ids } : { accepted, ids, rejected });
}

function refused({ code, message, faults, retryAfterS }: Refusal): Answer {
  const sent = json(STATUS[code], { error: { code, message, faults } });
  if (retryAfterS !== null) sent.headers["retry-after"] = String(retryAfterS);
  return sent;
}

function json(status: number, value: object): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
