import type { Store } from './store.js';
import { randomHex } from './wire.js';

/** A session ends after this much silence, */
export const INACTIVITY_MS = 30 * 60_000;
/** or when it is this old. */
export const LONGEST_MS = 4 * 3_600_000;

const KEY = 'rumstream';
/** How much of a session's silence need not be written down: an event a millisecond is no write a millisecond. */
const FRESH_MS = 1_000;

/** One visit in one tab. `kept` is the draw at `rate`: a whole session is measured or not, whatever changes later. */
export interface Session {
  id: string;
  start: number;
  last: number;
  seq: number;
  rate: number;
  kept: boolean;
  /** Events lost and not yet told of, by reason. */
  lost: Record<string, number>;
}

/** The tab's sessions, over its pages. Times are ms since the epoch, given by the caller. */
export interface Sessions {
  /** The session at `now`: the tab's own while it lives, else a new one. Begins its inactivity gap anew. */
  touch(now: number): Session;
  /** Read the session anew, change it, and keep it before anything else happens. */
  change(session: Session, how: (session: Session) => void): void;
  /** Forget it. */
  clear(): void;
}

/** Sessions kept in `store`, a share of `rate` of them measured, as `draw` in [0, 1) decides. */
export function sessionsOf(store: Store, rate: number, draw: () => number): Sessions {
  const write = (session: Session): void => store.set(KEY, JSON.stringify(session));
  const read = (): Session | undefined => {
    try {
      // A first page has nothing stored, and an exception costs milliseconds.
      const told = JSON.parse(store.get(KEY) || '0') as Session;
      return told.id?.length === 32 && told.lost && told.start + told.last + told.seq + told.rate > 0 ? told : undefined;
    } catch {
      return undefined; // damaged
    }
  };
  return {
    touch(now) {
      const told = read();
      const ended = !told || now - told.last >= INACTIVITY_MS || now - told.start >= LONGEST_MS || now < told.start;
      const session = ended
        ? { id: randomHex(), start: now, last: 0, seq: 0, rate, kept: draw() < rate, lost: told?.lost ?? {} }
        : told;
      if (Math.abs(now - session.last) >= FRESH_MS) {
        session.last = now;
        write(session);
      }
      return session;
    },
    change(session, how) {
      const told = read();
      if (told?.id !== session.id) return how(session); // it has ended: only its last beacons still ask
      how(told);
      write(told);
    },
    clear: () => store.set(KEY, ''),
  };
}
