const PRIVATE =
  /passw|passphrase|^pass$|pwd$|secret|token(?!s$|count|izer|type)|apikey|accesskey|privatekey|authorization|^auth$|cookie|^session$|sessionid|^sid$|credential|creditcard|cardnumber|^cv[vc]$|^ssn$|^pin$|^iban$|jwt|csrf|signature/;
const GONE = "[scrubbed:secret]";

/**
 * Leaves out what stands under a private name, at any depth; the server looks again, and at the values too.
 * @param {readonly string[]} names Further names; case, `-` and `_` do not matter.
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

/** That it was missing is what a repair has to know. @param {unknown} value */
function isHarmless(value) {
  return value === null || value === "" || value === "<undefined>" || typeof value === "boolean";
}

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
