/** A cache of texts in which no secret was found, so that they are not searched again. */
export interface CleanTexts {
  has(text: string): boolean;
  add(text: string): void;
}

/**
 * Creates a cache of recently used texts, at most twice `room`. In a storm, and in the frames of every app, nearly all
 * texts repeat, and the search for secrets is most of the work of `scrub`. A text with a finding is never cached, and
 * neither is a text longer than `maxLength` characters.
 */
export function createCleanTexts(room = 2048, maxLength = 1024): CleanTexts {
  let newer = new Set<string>();
  let older = new Set<string>();
  const add = (text: string): void => {
    if (text.length > maxLength) return;
    if (newer.size >= room) {
      older = newer;
      newer = new Set();
    }
    newer.add(text);
  };
  return {
    has: (text) => {
      if (newer.has(text)) return true;
      if (!older.has(text)) return false;
      add(text);
      return true;
    },
    add,
  };
}
