import { randomId } from './wire.js';

/** A session ends after this much silence, */
export const INACTIVITY_MS = 30 * 60_000;
/** or when it is this old. */
export const LONGEST_MS = 4 * 3_600_000;

const STORE = 'rumstream';

/** One visit in one tab. `kept` is the draw of the client's sample rate: a whole session is measured or not. */
export interface Session {
  id: string;
  start: number;
  last: number;
  seq: number;
  kept: boolean;
}

// Storage may be absent or forbidden (sandboxed frames, privacy settings): the session then lasts one page.
let memory: Session | undefined;

function read(): Session | undefined {
  try {
    const stored = sessionStorage.getItem(STORE);
    if (!stored) return memory;
    const session = JSON.parse(stored) as Partial<Session>;
    const whole = [session.start, session.last, session.seq].every(Number.isFinite);
    return whole && typeof session.id === 'string' && typeof session.kept === 'boolean' ? (session as Session) : memory;
  } catch {
    return memory;
  }
}

function write(session: Session): Session {
  memory = session;
  try {
    sessionStorage.setItem(STORE, JSON.stringify(session));
  } catch {
    // as above
  }
  return session;
}

/** The session at `now` (ms): the tab's own while it lives, else a new one. Extends it by the inactivity gap. */
export function touch(now: number, sampleRate: number): Session {
  const session = read();
  if (session && now - session.last < INACTIVITY_MS && now - session.start < LONGEST_MS && now >= session.start) {
    return write({ ...session, last: now });
  }
  return write({ id: randomId(), start: now, last: now, seq: 0, kept: Math.random() < sampleRate });
}

/** The number of the session's next beacon, counted over the pages of a tab. */
export function nextSeq(session: Session): number {
  const stored = read();
  const seq = stored?.id === session.id ? stored.seq : session.seq;
  if (stored?.id === session.id) write({ ...stored, seq: seq + 1 });
  return seq;
}
