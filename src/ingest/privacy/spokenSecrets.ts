const MARK = "[scrubbed:secret]";

/** Words for a password, in the languages of many users. A name that ends with one of them has a secret value. */
const PASSWORD_NAME =
  /passwor[dt]|kennwort|losungswort|mot ?de ?passe|contrase(?:ñ|n\u0303?)a|^clave$|^senha$|palavra.?passe|parola d.ordine|^parola$|has[łl]o|пароль|密[码碼]|口令|パスワード|暗証番号|비밀번호|암호|wachtwoord|l[öo]senord|adgangskode|salasana|heslo|jelsz[óo]|[şs]ifre|κωδικ[όο]ς|סיסמה|كلمة.المرور|पासवर्ड|mật khẩu|kata sandi|lozinka/iu;

/** Whether a name means a password in a language other than English. */
export function isForeignPasswordName(name: string): boolean {
  return PASSWORD_NAME.test(name);
}

/** Every match of the patterns below contains one of these. Most texts contain none. */
const HINTS =
  /pass|pwd|kennw|clave|senha|has[łl]o|contras|парол|密|口令|パス|暗証|비밀|암호|wacht|l[öo]sen|adgang|salas|heslo|jelsz|ifre|κωδικ|סיסמה|كلمة|पास|mật|sandi|lozin|parola|mysql|maria|code|kod|c[óo]dig|codic|код|码|コード|코드|pin|otp|tan\b|token|secret|key| -u | \/ /iu;

/** `Passwort: x`, `пароль = x`, `密码：x`. The value is one word. */
const NAMED =
  /((?:passwort|kennwort|losungswort|mot ?de ?passe|contrase(?:ñ|n\u0303?)a|\bclave|\bsenha|palavra.passe|parola d.ordine|\bparola|has[łl]o|пароль|密[码碼]|口令|パスワード|暗証番号|비밀번호|암호|wachtwoord|l[öo]senord|adgangskode|salasana|heslo|jelsz[óo]|[şs]ifre|κωδικ[όο]ς|סיסמה|كلمة المرور|पासवर्ड|mật khẩu|kata sandi|lozinka)["']?\s{0,2}(?:[:=：]|=>|は)\s{0,2}["'«„“]?)([^\s"'<>,;&«»“”{}[\]]{3,128})/giu;

/** `the password is x`, `wrong password x`, `le mot de passe est x`: the value must look like a password. */
const SPOKEN =
  /(\b(?:password|passwort|kennwort|passcode|passphrase|mot de passe|contrase(?:ñ|n\u0303?)a|clave|senha|parola|has[łl]o|wachtwoord|lösenord|heslo|пароль|token|secret|api key|access key|credentials?)(?: (?:is|was|ist|war|lautet|heißt|est|es|é|è|je|to|of|with))?[ :]{1,2}["'`]?)([^\s"'`<>,;&(){}[\]]{6,128})/giu;

/** `the code is 123456`, `your PIN: 4711`, `otp 123456`. */
const CODE =
  /(\b(?:code|kode?|c[óo]digo|codice|код|pin|otp|totp|tan|2fa|mfa|passcode|验证码|認証コード|인증번호)(?:["']?[ :=#]{1,3}|["']?[ :=]{1,2}(?:is|was|ist|lautet|est|es|é|è)[ :]{1,2}|：)["']?)(\d{3}[ -]\d{3}|\d{4,8}|[A-F\d]{4,6}-[A-F\d]{4,6})(?!\w|\.\w)/giu;
/** `123456 is your code`, `G-123456 is your verification code`. */
const CODE_BEFORE = /(\b(?:[A-Z]-)?)(\d{4,8})(?= (?:is|ist|est|es|é|è) (?:your|the|ihr|dein|votre|su|tu|seu|il) )/giu;
/** What makes a number after "code" no secret: it says what failed, or where something is. */
const OTHER_CODES =
  /(?:status|error|err|exit|return|response|http|reason|postal|post|zip|country|area|currency|language|char|key|product|item|article|bar|sql|sqlstate|errno|signal|color|colour|sort|branch|source|fault|event|unicode|line|close|result|of the|fehler|état|estado|with) ?$/i;

/** `--token x`, `-u name:x`, `mysql -px`: what is given on a command line. */
const FLAG =
  /(\s--?[\w-]{0,32}(?:password|passwd|pass|secret|token|api-?key|key|auth|credentials)[ =]["']?)([^\s"'-][^\s"']{3,256})/gi;
const USER_FLAG = /(\s(?:-u|--user) ["']?[\w.@-]{1,64}:)([^\s"'@]{3,128})/g;
const JOINED_FLAG = /(\b(?:mysql|mysqldump|mariadb|sshpass)\b[^\n]{0,120}?\s-p["']?)([^\s"'-]{4,128})/g;
/** `ada / x`: a name and a password in the order in which people write them. */
const PAIR = /(\b(?:login|credentials|user|account|auth\w{0,12})\b[^\n]{0,32}? \/ )([^\s"'/]{8,128})/gi;

/** Replaces secrets that only the words beside them reveal, in prose of several languages and in command lines. */
export function redactSpoken(text: string): string {
  if (!HINTS.test(text)) return text;
  return text
    .replace(NAMED, (whole, before: string, value: string) => (isMark(value) ? whole : before + MARK))
    .replace(SPOKEN, (whole, before: string, value: string) => (looksLikePassword(value) ? before + MARK : whole))
    .replace(CODE, (whole: string, before: string, value: string, at: number) =>
      isOneTimeCode(before, value, text, at) ? before + MARK : whole,
    )
    .replace(CODE_BEFORE, (_whole, before: string) => before + MARK)
    .replace(FLAG, (whole, before: string, value: string) =>
      isMark(value) || !hasDigit(value) ? whole : before + MARK,
    )
    .replace(USER_FLAG, (whole, before: string, value: string) => (isMark(value) ? whole : before + MARK))
    .replace(JOINED_FLAG, (whole, before: string, value: string) => (hasDigit(value) ? before + MARK : whole))
    .replace(PAIR, (whole, before: string, value: string) => (looksLikePassword(value) ? before + MARK : whole));
}

function isMark(value: string): boolean {
  return value.startsWith("[scrubbed") || /^(?:null|undefined|none|nil|true|false|\*+|\.+)$/i.test(value);
}

function hasDigit(value: string): boolean {
  return /\d/.test(value) && !isMark(value);
}

/** Letters with digits or signs inside, as no word has. A version, a path and a name with one number at its end are none. */
function looksLikePassword(value: string): boolean {
  const word = value.replace(/[.:!?]$/, "");
  if (isMark(value) || /[:/]/.test(word) || /^[\d.,]+$/.test(word) || /^[a-z_-]+\d{0,2}$/i.test(word)) return false;
  return /\d/.test(word) && /[A-Za-z]/.test(word) ? word.length >= 6 : /[a-z][!$%^*+~#@?][A-Za-z]/i.test(word);
}

/** A bare number after "code" needs a second sign: a verb, a colon and six digits, or a word such as "verification". */
function isOneTimeCode(before: string, value: string, text: string, at: number): boolean {
  const left = text.slice(Math.max(0, at - 24), at);
  const [name = ""] = before.toLowerCase().split(/[^\p{L}\d]/u);
  if (OTHER_CODES.test(left) || /[\w$.]$/.test(left)) return false;
  if (!/^(?:code|kode?|c[óo]digo|codice|код)$/.test(name)) return true;
  if (
    /(?:verification|login|security|one.time|access|sign.?in|authentication|authorization|auth|sms|confirmation|recovery|backup|2fa|mfa|your|ihr|dein|votre|su|tu|seu) $/i.test(
      left,
    )
  )
    return true;
  const isSaid = / (?:is|was|ist|lautet|est|es|é|è)[ :]/i.test(before);
  return isSaid || (/[:=]/.test(before) && /^\d{6}$|-/.test(value));
}
