/**
 * Words of functions, classes and files that decide who may do what, what is valid, and what is charged. They are
 * compared with whole words of a name (`mayEdit`, `is_owner`), so `price` does not match `pricetag`.
 */
const DECIDES = words(`
  access acl admin admins admit admitted allow allowed allows allowlist approve approved assert auth authed authenticate
  authenticated authentication authenticator authorization authorise authorize authorized authoriser authorizer ban banned
  bans bill billing blacklist block blocked blocks bypass can cancel captcha censor charge charges check checks claim
  claims classify clearance compare confidential confirm confirmed consent cors credential credentials credit csrf debit
  decide decision decrypt denied denies deny denylist detect disabled dispute eligible eligibility enabled encrypt enforce
  ensure entitled entitlement escape exclude expired expires expiry filter filters flag flagged forbid forbidden fraud gate
  grant granted grants guard guards hash hmac identify identity impersonate include is jwt kyc legal license licensed limit
  limited limiter limits lock locked login logout match matches may mfa mod moderate must need needs oauth origin otp owner
  owners owns pass passes passwd password passwords pay payment payout permission permissions permit permits permitted pin
  policies policy privilege privileged privileges protect protected protection prove quota reachable redact refund reject
  rejected require required requires restrict restricted restriction revoke revoked risk role roles rule rules safe sandbox
  sanitise sanitize scope scopes secret secrets secure security session sessions should sign signature signed signin signup
  strip sudo suspend suspended tenant tenants throttle token tokens transfer trust trusted unlock unlocked valid validate
  validated validates validation validator vault verified verifier verifies verify vet visible visibility vote whitelist
  withdraw withdrawal has
`);

/** Words of values that decide: what a program reads to tell who somebody is and what they may. */
const SENSITIVE = words(`
  access acl admin admins allow allowed allowlist auth authenticated authorization authorized ban banned bans blacklist
  block blocked blocks capabilities capability claims clearance cookie cookies credential credentials csrf denied deny
  denylist disabled entitlement entitlements expired forbidden grant granted grants hmac jwt limit limits locked login mfa
  otp owner owners passwd password paused permission permissions permitted policies policy private privilege privileges
  protected quota restricted restrictions revoked role roles rule rules scope scopes secret secrets session sessions
  signature suspended tenant tenants token tokens trust trusted uid vault verified visibility whitelist
  origin origins cors hosts check checks frozen risk score
  timeout timeouts ttl deadline retry retries attempts threshold maximum concurrency ratelimit throttle
  secure httponly samesite strict verify ssl tls cert certs certificate insecure csp hsts nonce salt cipher encryption
  encrypted sandbox readonly sanitize escape sign signed checksum integrity
`);

/** Words of what is charged: zero in its place gives something away. */
const MONEY = words(`
  amount amounts balance bill cent cents charge cost costs credit debit discount discounts fee fees invoice money pay
  payment payout percent premium price prices pricing qty quantity rate rates refund salary sum tariff tax taxes total
  totals vat wage
`);

/** Names of the one who asks. When they are missing, nobody is signed in. */
const REQUESTER =
  /(?:^|\.)(?:req|request|ctx|context|c|conn|event|session|auth|state|locals|assigns|this|self|g)\.(?:\w+\.)*(?:user|session|auth|account|principal|identity|viewer|actor|member|me|current_?user|headers|cookies)(?:$|[.[])|(?:^|\.)(?:current_?user|session|principal|viewer|auth)$/i;

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** The words of a name in lower case: `mayEdit` and `may_edit` → may, edit. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== "");
}

/** The word by which the name of a function, class or file decides; null: none. */
export function decidingWord(name: string): string | null {
  return wordsOf(name).find((word) => DECIDES.has(word)) ?? null;
}

/** The word by which a value decides; null: none. */
export function sensitiveWord(name: string): string | null {
  return wordsOf(name).find((word) => SENSITIVE.has(word)) ?? null;
}

/** The word by which a name is about money or amounts; null: none. */
export function moneyWord(name: string): string | null {
  return wordsOf(name).find((word) => MONEY.has(word)) ?? null;
}

/** Whether an expression names the one who asks: `req.user`, `session`, `conn.assigns.current_user`. */
export function namesRequester(expression: string): boolean {
  return REQUESTER.test(expression.replace(/\?\./g, ".").replace(/\s+/g, ""));
}
