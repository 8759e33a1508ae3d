import type { Exception } from "../../domain/event.ts";

/** What went wrong, read from Elixir's message. Keys are written as in code: `:name`, `"name"`. */
export type ElixirCrash =
  | { kind: "nilField"; key: string }
  | { kind: "key"; key: string }
  | { kind: "clause"; name: string; arity: number }
  | { kind: "empty" }
  | { kind: "enumerate" }
  | { kind: "arithmetic" };

/** Reads the exception type and the first line of the message; null when no template covers it. */
export function readElixirCrash({ type, value }: Pick<Exception, "type" | "value">): ElixirCrash | null {
  const message = (value.split("\n")[0] ?? "").trim();
  const name = type.replace(/^Elixir\./, "");
  const key = /key (:[\w?!]+|"[^"]*") not found(?: in: (nil)?)?/.exec(message);
  if (name === "KeyError" && key !== null) return { kind: key[2] === "nil" ? "nilField" : "key", key: key[1] ?? "" };
  const clause = /no function clause matching in (?:[\w.]+\.)?([\w?!]+)\/(\d+)/.exec(message);
  if (name === "FunctionClauseError" && clause !== null)
    return { kind: "clause", name: clause[1] ?? "", arity: Number(clause[2]) };
  if (name === "Enum.EmptyError") return { kind: "empty" };
  if (name === "Protocol.UndefinedError" && /protocol Enumerable not implemented for nil\b/.test(message))
    return { kind: "enumerate" };
  return name === "ArithmeticError" ? { kind: "arithmetic" } : null;
}
