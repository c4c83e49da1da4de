import type { View, WireEvent } from './wire.js';
import type { Session } from './session.js';

/** Most events that wait for a beacon; beyond it they are dropped and counted. */
export const QUEUE_EVENTS = 500;
/** Characters of events in a beacon: 16 Ki of them are at most 48 KiB of UTF-8, and browsers refuse over 64 KiB. */
export const BEACON_CHARS = 16_384;

interface Entry {
  session: Session;
  view: View;
  event: Omit<WireEvent, 'view'>;
  chars: number;
}

/** The events of one beacon: of one session, small enough to be sent. */
export interface Batch {
  session: Session;
  entries: Entry[];
  dropped: Record<string, number>;
}

/** A bounded line of events. What is dropped is counted by reason and told with the next beacon. */
export class Queue {
  private entries: Entry[] = [];
  private dropped: Record<string, number> = {};

  /** How many events wait. */
  get size(): number {
    return this.entries.length;
  }

  /** Add an event; a full queue keeps the old ones, since page views and errors come first. */
  push(session: Session, view: View, event: Omit<WireEvent, 'view'>): void {
    const chars = JSON.stringify(event).length;
    if (chars > BEACON_CHARS) this.drop('too_large');
    else if (this.entries.length >= QUEUE_EVENTS) this.drop('queue_full');
    else this.entries.push({ session, view, event, chars });
  }

  /** Count events as lost. */
  drop(reason: string, count = 1): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  /** Take the oldest events that fit one beacon; undefined when there are none. */
  take(): Batch | undefined {
    const first = this.entries[0];
    if (!first) return undefined;
    let chars = 0;
    let end = 0;
    for (const entry of this.entries) {
      if (entry.session.id !== first.session.id || chars + entry.chars > BEACON_CHARS) break;
      chars += entry.chars;
      end += 1;
    }
    const batch = { session: first.session, entries: this.entries.splice(0, end), dropped: this.dropped };
    this.dropped = {};
    return batch;
  }
}
