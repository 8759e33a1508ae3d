/** Texts that were found clean, so that they need not be looked at again. */
export interface CleanTexts {
  has(text: string): boolean;
  add(text: string): void;
}

/**
 * Remembers the newest ones, twice `room` of them at most. Of a storm, and of every app's frames, nearly all texts come again
 * and again, and looking for secrets in them is most of the work of `scrub`. What was not clean is never remembered.
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
