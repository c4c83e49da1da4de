/** Where a page remembers: the browser's storage if it may and can, else the memory of this page. */
export interface Store {
  /** The value kept under the key. */
  get(key: string): string | null | undefined;
  /** Keep a value; empty forgets the key. */
  set(key: string, value: string): void;
}

/**
 * A store over `sessionStorage` or `localStorage`. While `allowed` says no (no consent yet), nothing is read from
 * or written to the disk. Storage that throws (sandboxed frames, privacy settings, a full disk) is memory, too.
 */
export function storeOf(pick: () => Storage, allowed: () => boolean): Store {
  const memory: Record<string, string> = {};
  return {
    get(key) {
      try {
        if (allowed()) return pick().getItem(key) || memory[key];
      } catch {
        // forbidden: as above
      }
      return memory[key];
    },
    set(key, value) {
      memory[key] = value;
      try {
        if (!value) pick().removeItem(key);
        else if (allowed()) {
          pick().setItem(key, value);
          memory[key] = '';
        }
      } catch {
        // forbidden or full: as above
      }
    },
  };
}
