/** A private key, complete or cut off. */
export const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----END ))*(?:-----END [A-Z0-9 ]{0,60}(?:-----)?)?/g;

/** What one kind of secret looks like, and what replaces it: `[scrubbed:kind]`. Its first group stays. */
interface SecretPattern {
  kind: string;
  /** Every match contains at least one of these. */
  has: readonly string[];
  pattern: RegExp;
  accept?: (match: string) => boolean;
}

/** The secrets and addresses that are known by their form, in the order in which they are replaced. */
export const SENSITIVE_PATTERNS: readonly SecretPattern[] = [
  { kind: "credentials", has: ["://"], pattern: /(?<=:\/\/)(?!\[scrubbed:)[^\s/@"'<>]{1,512}(?=@)/g },
  {
    kind: "token",
    has: [" ", "\t", "\n"],
    pattern: /(?<![\w-])((?:Bearer|Basic|Token|Digest)\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi,
    // These words also occur in prose: "basic authentication".
    accept: (match) => /\d|[^\s]{20}/.test(match),
  },
  { kind: "jwt", has: ["eyJ"], pattern: /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g },
  {
    kind: "aws-key",
    has: ["AKIA", "ASIA", "AROA", "AIDA"],
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { kind: "github-token", has: ["gh"], pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g },
  {
    kind: "token",
    has: ["xox", "glpat-", "npm_"],
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]-[A-Za-z0-9-]{10,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,})/g,
  },
  {
    kind: "api-key",
    has: ["k_", "sk-", "AIza"],
    pattern: /(?<![A-Za-z0-9])(?:[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|sk-[\w-]{16,}|AIza[\w-]{30,})/g,
  },
  { kind: "api-key", has: ["SG."], pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}/g },
  {
    kind: "email",
    has: ["@", "%40"],
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,24}/gu,
  },
];
