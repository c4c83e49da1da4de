import type { Store } from './store.js';
import { utf8 } from './wire.js';

/** With so many that wait, those on their way and those of earlier pages included, no other one is taken. */
export const WAITING = 100;
/** Most bytes on their way: browsers refuse more than 64 KiB of keepalive requests. */
export const FLYING_BYTES = 60_000;
/** Most characters of beacons kept for the next page. */
export const STORED_CHARS = 60_000;
/** A stored beacon older than this is given up: by then the server has forgotten the ids of its session. */
export const STORED_MS = 4 * 3_600_000;
/** The longest wait between attempts, and the longest `Retry-After` that is believed. */
export const RETRY_MS = 60_000;
export const RETRY_AFTER_MS = 600_000;

const KEY = 'rumstream.unsent';

/** A beacon on its way: its id, when it was closed, how many events it holds, its body but for the opening brace. */
export interface Letter {
  readonly id: string;
  readonly at: number;
  readonly events: number;
  readonly rest: string;
}

/** Beacons on their way. */
export interface Outbox {
  /** Send a beacon; `leaving`: the page may be gone before an answer. */
  send(letter: Letter, leaving: boolean): void;
  /** Store what may not have arrived, since the page may be gone in a moment. */
  keep(): void;
  /** Take over what an earlier page left behind, and send it. `now`: ms since the epoch. */
  adopt(now: number): void;
  /** Send what waits, unless an attempt has failed and the next is not due; `now`: it is due now. */
  pump(now?: boolean): void;
  /** Forget everything, on disk too. */
  clear(): void;
}

/**
 * Hands beacons to the browser. A string goes as text/plain, which needs no CORS preflight.
 *
 * While the page is visible by `fetch` with keepalive, whose answer can be seen; when it goes away by `sendBeacon`,
 * whose answer cannot. Where there is reason to doubt that it arrived (offline, refused by the browser, the last
 * attempt failed) a copy is stored, and the next page sends it again. Each attempt has the same beacon id, so that
 * the beacon counts once, and its own `sent_at`, so that a wrong clock cancels out.
 */
export function outboxOf(endpoint: string, disk: Store, lose: (reason: string, events: number) => void): Outbox {
  let letters: Letter[] = [];
  const flying = new Set<Letter>();
  let bytes = 0;
  let failures = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const stamped = (letter: Letter): string => `{"sent_at":${Date.now()},${letter.rest}`;
  const inDoubt = (): boolean => failures > 0 || navigator.onLine === false;

  const stored = (): Letter[] => {
    try {
      return (JSON.parse(disk.get(KEY) || '[]') as Letter[]).filter((letter) => letter.rest);
    } catch {
      return []; // damaged
    }
  };
  /** Write the stored beacons anew, without these and then with others; the oldest go where not all have room. */
  const rewrite = (without: readonly Letter[], others: readonly Letter[] = []): void => {
    const kept = stored().filter((letter) => !without.some(({ id }) => id === letter.id)).concat(others);
    while (JSON.stringify(kept).length > STORED_CHARS) kept.shift();
    disk.set(KEY, kept[0] ? JSON.stringify(kept) : '');
  };
  const keep = (): void => {
    const doubtful = letters.filter((letter) => inDoubt() || !flying.has(letter));
    if (doubtful[0]) rewrite(doubtful, doubtful);
  };

  const fly = async (letter: Letter, body: string): Promise<void> => {
    let status = 0; // no network, or blocked
    let patience = 0;
    try {
      const answer = await fetch(endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' });
      status = answer.status;
      patience = Math.min(Number(answer.headers.get('retry-after')) * 1_000 || 0, RETRY_AFTER_MS);
    } catch {
      // status 0 it is
    }
    flying.delete(letter);
    bytes -= utf8(body);
    if (status && status < 500 && status !== 429) {
      failures = 0;
      letters = letters.filter((other) => other !== letter);
      rewrite([letter]);
      if (status > 299) lose('refused', letter.events);
      pump();
    } else {
      // Beacons that fail together are one failure.
      if (!pause) {
        const backoff = Math.min(1_000 * 2 ** failures++, RETRY_MS) * (1 + Math.random() / 5);
        pause = setTimeout(pump, Math.max(backoff, patience), true);
      }
      if (document.hidden) keep();
    }
  };
  const pump = (now?: boolean): void => {
    if (now) {
      clearTimeout(pause);
      pause = undefined;
    }
    for (const letter of letters) {
      const body = stamped(letter);
      // After a failure one beacon goes ahead to see whether the others can follow.
      const room = failures ? !flying.size : bytes + utf8(body) <= FLYING_BYTES;
      if (pause || flying.has(letter) || !room) continue;
      flying.add(letter);
      bytes += utf8(body);
      void fly(letter, body);
    }
  };

  return {
    keep,
    pump,
    send(letter, leaving) {
      try {
        if (leaving && navigator.sendBeacon(endpoint, stamped(letter)) && !inDoubt()) return;
      } catch {
        // blocked by a policy or an extension, or missing: the other way is tried
      }
      if (letters.length >= WAITING) return lose('undelivered', letter.events);
      letters.push(letter);
      if (leaving) keep();
      pump();
    },
    adopt(now) {
      for (const letter of stored()) {
        if (now - letter.at >= STORED_MS) {
          rewrite([letter]);
          lose('expired', letter.events);
        } else letters.push(letter);
      }
      pump();
    },
    clear() {
      letters = [];
      disk.set(KEY, '');
    },
  };
}
