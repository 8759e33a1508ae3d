import type { CapturedEvent, CapturedRequest, Exception, StackFrame } from "../../src/domain/event.ts";

/** A text that contains a secret, and the part that must not survive. */
export interface Planted {
  kind: string;
  text: string;
  secret: string;
}

type Random = () => number;
type Kind = (random: Random) => { text: string; secret: string };

/** A seeded generator (mulberry32): the same seed gives the same texts. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const BASE62 = `${LOWER}${LOWER.toUpperCase()}${DIGITS}`;
const BASE64URL = `${BASE62}-_`;
const BASE32 = `${LOWER.toUpperCase()}234567`;
const SYMBOLS = "!$%*+?^~.";

function run(random: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}

/** A run with a digit, a capital and a small letter, as generators of keys guarantee. */
function mixed(random: Random, length: number, alphabet = BASE62): string {
  return `${run(random, alphabet, length - 3)}${run(random, DIGITS, 1)}${run(random, "QXZJ", 1)}${run(random, "kvwz", 1)}`;
}

function password(random: Random): string {
  return `${run(random, "KQXZ", 1)}${run(random, LOWER, 5)}${run(random, SYMBOLS, 1)}${run(random, DIGITS, 4)}`;
}

/** A text around one generated secret: `§` is where it stands. */
function around(text: string, make: (random: Random) => string): Kind {
  return (random) => {
    const secret = make(random);
    return { text: text.replace("§", secret), secret };
  };
}

const pin = (random: Random) => run(random, "123456789", 6);
const key = (length: number, alphabet?: string) => (random: Random) => mixed(random, length, alphabet);
const hex = (length: number) => (random: Random) => run(random, HEX, length);

function base64Json(name: string): Kind {
  return (random) => {
    const inner = mixed(random, 18);
    const secret = Buffer.from(JSON.stringify({ user: "ada", [name]: inner })).toString("base64");
    return { text: `state was ${secret} on return`, secret };
  };
}

/** Kinds that rules were made for. */
const FIRST: Record<string, Kind> = {
  "url code": around("GET https://app.example/cb?code=§&x=1 failed", key(22)),
  "url sig": around("https://files.example/a.pdf?se=2026&sig=§", key(43, BASE64URL)),
  "url key": around("https://maps.example/geo?key=§&q=Ulm", key(32)),
  "url reset": around("/account?reset=§", key(24)),
  "url token": around("/verify?token=§", key(20)),
  "url state": around("/cb?state=§&scope=email", key(24)),
  "url ticket": around("/cas?ticket=ST-§", key(28)),
  "url signature": around("/dl?Expires=1700000000&Signature=§&Key-Pair-Id=A", key(60)),
  "url amz": around("https://b.s3.example/o?X-Amz-Expires=60&X-Amz-Signature=§", hex(64)),
  "url amz security": around("https://b.s3.example/o?X-Amz-Security-Token=§", key(90)),
  "path reset": around("/password/reset/§", key(32)),
  "path invite": around("https://app.example/invite/§/accept", key(26, BASE64URL)),
  "path hook": around("https://hooks.example/services/T0AAAA/B0BBBB/§", key(24)),
  "url short password": around("/login?user=ada&pw=§", password),
  "otp spoken": around("Login refused: the code is §", pin),
  "pin spoken": around("your PIN: §", (r) => run(r, "123456789", 4)),
  "otp word": around("otp § was used twice", pin),
  "one-time code": around("Your one-time code § has expired", pin),
  "password spoken": around("the password is § and was refused", password),
  "password for": around("wrong password § for user ada", password),
  passwort: around("Passwort: §", password),
  kennwort: around("Kennwort=§", password),
  "mot de passe": around("mot de passe : §", password),
  contraseña: around("contraseña: §", password),
  clave: around("clave=§", password),
  senha: around("senha: §", password),
  hasło: around("hasło: §", password),
  пароль: around("пароль: §", password),
  密码: around("密码：§", password),
  パスワード: around("パスワード: §", password),
  비밀번호: around("비밀번호: §", password),
  "connection string": around("postgres://app:§@db.internal:5432/shop", password),
  "mssql connection": around("Server=db;User Id=app;Pwd=§;Encrypt=true", password),
  "azure account": around("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§==", key(60)),
  "redis url": around("redis://:§@cache:6379", password),
  "hex 32": around("could not use § for signing", hex(40)),
  "hex 64 of a key": around("master key § rejected", hex(64)),
  "base62 40": around("the upstream refused § twice", key(40)),
  "base64 44": around("wrapped as §= by the vault", key(43, `${BASE62}+/`)),
  "base32 seed": around("otpauth://totp/shop:ada?secret=§&issuer=shop", (r) => run(r, BASE32, 32)),
  "header scheme": around("authorization: Negotiate §", key(40)),
  "header custom scheme": around("Authorization: Hawk id=dh37, mac=§", key(30)),
  "x-api key": around("x-vendor-key: §", key(16)),
  "set-cookie": around("set-cookie: sid=§; HttpOnly", key(24)),
  "json in string": around('payload {\\"apiToken\\":\\"§\\"}', key(20)),
  "json in json": around('{"outer":"{\\"clientSecret\\":\\"§\\"}"}', key(20)),
  "base64 json": base64Json("password"),
  "private token": around("PRIVATE-TOKEN=§", key(20)),
  "vault token": around("hvs.§ is not allowed", key(24)),
  "digital ocean": around("dop_v1_§", hex(64)),
  "twilio key": around("SK§ was revoked", hex(32)),
  "telegram bot": around("https://api.telegram.example/bot123456789:§/getMe", key(35, BASE64URL)),
  "bearer only": around("sent Bearer §", key(30)),
  "basic pair": around("Basic §", (r) => Buffer.from(`ada:${password(r)}`).toString("base64")),
  passphrase: around("passphrase=§", password),
};

/** Other kinds, written before the first figures were seen; no rule was made for them by name. */
const FRESH: Record<string, Kind> = {
  "url access": around("https://cdn.example/v.m3u8?hdnea=exp=1700~hmac=§", hex(64)),
  "url auth code": around("myapp://oauth?authorization_code=§", key(26)),
  "url magic": around("https://app.example/magic?t=§", key(36)),
  "url share": around("https://drive.example/d/§/view", key(33, BASE64URL)),
  "url confirm": around("https://shop.example/confirm/§", hex(40)),
  "url fragment": around("https://app.example/#access_token=§&type=bearer", key(40)),
  "url session id in path": around("/cart;jsessionid=§", hex(32)),
  "url hmac": around("/avatar?u=ada&hmac=§", hex(40)),
  "url nonce": around("/oauth?nonce=§", key(24)),
  "url pass": around("/x?pass=§", password),
  "url unsubscribe": around("/unsubscribe/§", key(40, BASE64URL)),
  "spoken verification": around("verification code: § is wrong", pin),
  "spoken german": around("Ihr Code lautet §", pin),
  "spoken spanish": around("su código es §", pin),
  "spoken french": around("votre code est §", pin),
  "sms code": around("G-§ is your code", pin),
  "german password": around("das Passwort lautet §", password),
  "french password": around("le mot de passe est §", password),
  "spanish password": around("la contraseña es §", password),
  "portuguese word": around("palavra-passe: §", password),
  "italian password": around("parola d'ordine: §", password),
  "dutch password": around("wachtwoord=§", password),
  "swedish password": around("lösenord: §", password),
  "turkish password": around("şifre: §", password),
  "chinese traditional": around("密碼: §", password),
  "czech password": around("heslo: §", password),
  "greek password": around("κωδικός: §", password),
  "user and password": around("login with ada / § failed", key(22)),
  "ftp url": around("ftp://backup:§@files.internal/x", password),
  "amqp url": around("amqps://svc:§@mq:5671/v", password),
  "mongo url": around("mongodb+srv://root:§@c0.example/db", password),
  "jdbc url": around("jdbc:mysql://db/shop?user=app&password=§", password),
  "dsn params": around("host=db user=app password=§ dbname=shop", password),
  "env line": around("export DB_PASS=§", password),
  "yaml line": around("  encryption_key: §", key(32)),
  "ini line": around("master_key = §", hex(32)),
  "curl flag": around("curl -u ada:§ https://x.example", password),
  "cli flag": around("deploy --token § --force", key(24)),
  "cli password": around("mysql -uroot -p§ shop", password),
  "aws secret": around("signing with § failed", key(40, `${BASE62}+/`)),
  "google oauth": around("ya29.§ expired", key(60, BASE64URL)),
  "google client secret": around("GOCSPX-§", key(28, BASE64URL)),
  "slack hook": around("posting to https://hooks.slack.example/T1/B1/§", key(24)),
  "npm line": around("//registry.example/:_authToken=§", key(36)),
  "pypi token": around("pypi-AgEIcHlwaS5vcmc§", key(60, BASE64URL)),
  sendinblue: around("xkeysib-§", hex(64)),
  "openai project": around("sk-proj-§", key(48)),
  anthropic: around("sk-ant-api03-§", key(60, BASE64URL)),
  "age key": around("AGE-SECRET-KEY-1§", (r) => run(r, `${LOWER.toUpperCase()}023456789`, 58)),
  "json number code": around('{"otp":§}', pin),
  "json pin": around('{"pinCode":"§"}', (r) => run(r, "123456789", 5)),
  "json camel": around('{"user":{"loginKey":"§"}}', key(24)),
  "base64 json token": base64Json("refreshToken"),
  "url base64": (random) => {
    const secret = Buffer.from(JSON.stringify({ sid: mixed(random, 20) })).toString("base64url");
    return { text: `/resume/${secret}`, secret };
  },
  "php session": around("PHPSESSID=§", (r) => run(r, `${LOWER}${DIGITS}`, 26)),
  "connect sid": around("connect.sid=s%3A§", key(32)),
  "digest header": around('Authorization: Digest username="ada", response="§"', hex(32)),
  "signature header": around('Signature: keyId="a",signature="§="', key(43)),
  "aws4 header": around("AWS4-HMAC-SHA256 Credential=A/2026, Signature=§", hex(64)),
  "apikey scheme": around("Authorization: ApiKey §", key(32)),
  "csrf form": around("_csrf=§&name=ada", key(24)),
  "recovery code": around("recovery code §", (r) => `${run(r, HEX, 5)}-${run(r, HEX, 5)}`),
};

/** `perKind` texts of every kind of the set. */
export function plantedSecrets(set: "first" | "fresh", seed: number, perKind = 3): Planted[] {
  const random = seeded(seed);
  return Object.entries(set === "first" ? FIRST : FRESH).flatMap(([kind, make]) =>
    Array.from({ length: perKind }, () => ({ kind, ...make(random) })),
  );
}

const WORDS = "cart order user total item price invoice render parse fetch load guest profile city address".split(" ");

/** Texts that a reader needs and that must stay as they are. */
export function harmlessTexts(set: "first" | "fresh", seed: number): string[] {
  const random = seeded(seed);
  const pick = () => WORDS[Math.floor(random() * WORDS.length)] ?? "";
  const uuid = () => [8, 4, 4, 4, 12].map((n) => run(random, HEX, n)).join("-");
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const camel = () => `${pick()}${capital(pick())}${capital(pick())}${capital(pick())}`;
  const first = () => [
    `Cannot read properties of undefined (reading '${camel()}')`,
    `order ${uuid()} not found`,
    `commit ${run(random, HEX, 40)} is not an ancestor`,
    `https://cdn.example/assets/app.${run(random, HEX, 8)}.js:1:2041`,
    `/assets/index-${run(random, BASE64URL, 8)}.js`,
    `at ${camel()}Controller.${camel()} (/srv/app/src/${pick()}/${camel()}.ts:12:5)`,
    `com.example.shop.${pick()}.${capital(camel())}Service$$Lambda$14/0x0000000800c03000`,
    `trace 00-${run(random, HEX, 32)}-${run(random, HEX, 16)}-01`,
    `the code is wrong for ${pick()}`,
    `error code 404 from ${pick()}`,
    `Request failed with status code 500`,
    `SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '${run(random, DIGITS, 6)}' for key '${pick()}'`,
    `token: expected a string, got undefined`,
    `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
    `key ${pick()} is missing in ${camel()}`,
    `KeyError: '${pick()}_${pick()}'`,
    `state=pending page=2 sort=price`,
    `/products/${run(random, DIGITS, 7)}/reviews?page=2&sort=${pick()}`,
    `${pick()}-${pick()}-${pick()}-with-a-long-slug-for-search-engines`,
    `sha256:${run(random, HEX, 64)}`,
    `sha512-${Buffer.from(run(random, BASE62, 64)).toString("base64")}`,
    `release shop-api@2.14.${Math.floor(random() * 90)}+build.${run(random, HEX, 7)}`,
    `password must have at least 8 characters`,
    `invalid password for user ${pick()}`,
    `pin ${pick()} is not configured`,
  ];
  const fresh = () => [
    `null is not an object (evaluating 'this.${camel()}.${pick()}')`,
    `No route for GET /api/v2/${pick()}s/${uuid()}/${pick()}`,
    `webpack-internal:///./node_modules/@${pick()}/${pick()}/dist/chunk-${run(random, BASE62.toUpperCase(), 8)}.mjs:14:3`,
    `** (KeyError) key :${pick()} not found in: %{${pick()}: 1}`,
    `${capital(camel())}Exception: ${capital(camel())}FactoryBeanPostProcessorRegistrationDelegate failed`,
    `pod shop-api-${run(random, HEX, 9)}-${run(random, LOWER, 5)} restarted`,
    `us-east-1.compute.internal-${pick()}-${pick()}`,
    `ghcr.io/${pick()}/${pick()}@sha256:${run(random, HEX, 64)}`,
    `exit code 137, signal SIGKILL`,
    `country code DE is not supported`,
    `the postal code 89073 is outside of ${pick()}`,
    `HTTP 403: invalid signature`,
    `session expired, please log in again`,
    `the key is required`,
    `your code review of ${pick()} is due`,
    `ENOENT: no such file or directory, open '/var/lib/${pick()}/${camel()}/${camel()}.json'`,
    `ECONNREFUSED 127.0.0.1:5432`,
    `2026-11-03T10:11:12.345Z ${pick()} took 1532 ms`,
    `Invalid time value: ${run(random, DIGITS, 13)}`,
    `expected ${run(random, DIGITS, 10)} to be less than 2147483647`,
    `Maximum call stack size exceeded in ${camel()}${capital(camel())}${capital(camel())}`,
    `SELECT * FROM ${pick()}s WHERE ${pick()}_id = $1 ORDER BY created_at`,
    `undefined method '${pick()}_${pick()}_${pick()}' for nil:NilClass`,
    `blob ${run(random, HEX, 7)}..${run(random, HEX, 7)} 100644`,
    `minified React error #${Math.floor(random() * 400)}; visit https://react.dev/errors/418?args[]=HTML`,
  ];
  const make = set === "first" ? first : fresh;
  return Array.from({ length: 8 }, make).flat();
}

const frameWith = (more: Partial<StackFrame>): StackFrame => ({ file: "/srv/a.js", line: 3, inApp: true, ...more });
const exceptionWith = (more: Partial<Exception>): Partial<CapturedEvent> => ({
  exception: { type: "Error", value: "", frames: [], ...more },
});
const requestWith = (more: Partial<CapturedRequest>): Partial<CapturedEvent> => ({
  request: { method: "POST", url: "/", headers: {}, ...more },
});

/** Where a client can put a text. */
export const PLACES: Record<string, (text: string) => Partial<CapturedEvent>> = {
  message: (text) => exceptionWith({ value: text }),
  cause: (text) => ({ causes: [{ type: "Error", value: text, frames: [] }] }),
  breadcrumb: (text) => ({ extra: { breadcrumbs: JSON.stringify([{ category: "log", message: text }]) } }),
  "log body": (text) => ({ extra: { body: text } }),
  header: (text) => requestWith({ headers: { "x-note": text } }),
  url: (text) => requestWith({ url: text }),
  body: (text) => requestWith({ body: text }),
  "json body": (text) => requestWith({ body: JSON.stringify({ note: [text] }) }),
  locals: (text) => exceptionWith({ frames: [frameWith({ vars: { note: JSON.stringify({ deep: [text] }) } })] }),
  tag: (text) => ({ tags: { note: text } }),
  user: (text) => ({ extra: { user: JSON.stringify({ id: 7, note: text }) } }),
  "native route": (text) => ({ tags: { route: text } }),
};
