const PRIVATE =
  /passw|passphrase|^pass$|pwd$|secret|token(?!s$|count|izer|type)|apikey|accesskey|privatekey|authorization|^auth$|cookie|^session$|sessionid|^sid$|credential|creditcard|cardnumber|^cv[vc]$|^ssn$|^pin$|^iban$|jwt|csrf|signature/;
const GONE = "[scrubbed:secret]";

/**
 * Creates a function that replaces the values of private names at any depth. The server scrubs again, by values too.
 * @param {readonly string[]} names Additional names. Case, `-` and `_` are ignored.
 * @returns {(value: unknown) => unknown}
 */
export function createCleaner(names) {
  const own = new Set(names.map(plain));
  const isPrivate = (/** @type {string} */ name) => own.has(plain(name)) || PRIVATE.test(plain(name));
  /** @param {unknown} value @returns {unknown} */
  const clean = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(clean);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, isPrivate(name) && !isHarmless(inner) ? GONE : clean(inner)]),
    );
  };
  return clean;
}

/** Whether a private value may be sent: a repair must know that it was missing. @param {unknown} value */
function isHarmless(value) {
  return value === null || value === "" || value === "<undefined>" || typeof value === "boolean";
}

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
