import type { NapiConfig } from "@ast-grep/napi";
import type { Finding } from "../../domain/evidence.ts";

/** One kind of code that a patch must not add without a person's review. */
export interface CodeRule {
  id: string;
  weight: Finding["weight"];
  message: string;
  rule: NapiConfig["rule"];
}

const NETWORK_MODULES =
  "https?|http2|net|tls|dns|dns/promises|dgram|ws|undici|axios|got|node-fetch|request|superagent|ky";
const PROCESS_MODULES = "child_process|worker_threads|cluster|execa|cross-spawn|shelljs|zx|node-pty";
const PROCESS_CALLS = "spawn|spawnSync|execSync|execFile|execFileSync|fork|dlopen|binding";
const FILE_CALLS =
  "writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|rm|rmSync|rmdir|rmdirSync|unlink|unlinkSync|rename|renameSync|chmod|chmodSync|chown|chownSync|symlink|symlinkSync|copyFile|copyFileSync|cp|cpSync|truncate|truncateSync";

const module = (names: string) => ({ kind: "string_fragment", regex: `^(?:node:)?(?:${names})$` });
const called = (names: string) => ({
  any: [
    { kind: "call_expression", has: { field: "function", kind: "identifier", regex: `^(?:${names})$` } },
    {
      kind: "call_expression",
      has: { field: "function", kind: "member_expression", has: { field: "property", regex: `^(?:${names})$` } },
    },
  ],
});

/**
 * Rules for JavaScript and TypeScript. They match syntax, so comments and strings that only mention something are no
 * hits.
 */
export const CODE_RULES: readonly CodeRule[] = [
  {
    id: "eval",
    weight: "hard",
    message: "text is run as code",
    rule: {
      any: [
        { any: [{ kind: "identifier" }, { kind: "property_identifier" }], regex: "^eval$" },
        { kind: "new_expression", has: { field: "constructor", regex: "(?:^|\\.)(?:Async)?(?:Generator)?Function$" } },
        { kind: "call_expression", has: { field: "function", regex: "(?:^|\\.)Function$|\\.constructor$" } },
        {
          kind: "call_expression",
          all: [
            { has: { field: "function", regex: "(?:^|\\.)(?:setTimeout|setInterval|setImmediate)$" } },
            { has: { field: "arguments", regex: "^\\(\\s*[\"'`]" } },
          ],
        },
        module("vm"),
      ],
    },
  },
  {
    id: "spawn",
    weight: "hard",
    message: "a process is started",
    rule: {
      any: [
        module(PROCESS_MODULES),
        called(PROCESS_CALLS),
        { kind: "call_expression", has: { field: "function", regex: "^exec$" } },
      ],
    },
  },
  {
    id: "network",
    weight: "soft",
    message: "something is sent or fetched over the network",
    rule: {
      any: [
        module(NETWORK_MODULES),
        called("fetch|sendBeacon|importScripts"),
        {
          kind: "new_expression",
          has: { field: "constructor", regex: "(?:^|\\.)(?:WebSocket|XMLHttpRequest|EventSource|RTCPeerConnection)$" },
        },
        {
          kind: "call_expression",
          has: { field: "function", regex: "^https?\\.(?:get|request)$|^(?:net|tls)\\.(?:connect|createConnection)$" },
        },
        {
          kind: "call_expression",
          has: { field: "function", kind: "import" },
          not: { has: { field: "arguments", regex: "^\\(\\s*[\"'][^\"']*[\"']\\s*\\)$" } },
        },
      ],
    },
  },
  {
    id: "environment",
    weight: "soft",
    message: "the environment is read",
    rule: {
      any: [
        { kind: "member_expression", regex: "^(?:globalThis\\.)?process\\.env$|^import\\.meta\\.env$" },
        { kind: "subscript_expression", regex: "^process\\[" },
        {
          kind: "variable_declarator",
          all: [{ has: { field: "value", regex: "^process$" } }, { has: { field: "name", regex: "env" } }],
        },
      ],
    },
  },
  {
    id: "tls",
    weight: "soft",
    message: "certificates are no longer checked",
    rule: {
      any: [
        { kind: "pair", regex: "^[\"']?rejectUnauthorized[\"']?\\s*:\\s*(?:false|!1|0)" },
        { kind: "assignment_expression", regex: "rejectUnauthorized\\s*=\\s*(?:false|!1|0)" },
        {
          any: [{ kind: "property_identifier" }, { kind: "string_fragment" }],
          regex: "^NODE_TLS_REJECT_UNAUTHORIZED$",
        },
        { kind: "pair", regex: "^[\"']?checkServerIdentity" },
      ],
    },
  },
  { id: "fileWrite", weight: "soft", message: "files are written or deleted", rule: called(FILE_CALLS) },
  {
    id: "html",
    weight: "soft",
    message: "text is used as HTML",
    rule: {
      any: [
        { kind: "assignment_expression", has: { field: "left", regex: "\\.(?:inner|outer)HTML$" } },
        called("insertAdjacentHTML|createContextualFragment"),
        { kind: "call_expression", has: { field: "function", regex: "^document\\.write(?:ln)?$" } },
        { any: [{ kind: "property_identifier" }], regex: "^dangerouslySetInnerHTML$" },
      ],
    },
  },
];

/** Names of functions that decide about access. */
export const GUARD_NAME =
  /^(?:verify|auth|check|validate|ensure|require|can[A-Z_]|has(?:Permission|Access|Role|Scope)|is\w*(?:Allowed|Authori[sz]ed|Authenticated|Valid|Admin|Owner|Permitted|Trusted))/i;
