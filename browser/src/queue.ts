import { utf8, type Head, type RumEvent, type View } from './wire.js';

/** Most events that wait for a beacon; beyond it they are dropped and counted. */
export const QUEUE_EVENTS = 500;
/** Most bytes of a beacon, as it is sent. */
export const BEACON_BYTES = 16_384;
/** Most bytes of an event: with head and view it still fits a beacon. */
export const EVENT_BYTES = 8_192;
/** What `sent_at`, brackets and commas take. */
const FRAME_BYTES = 64;

/** A bounded line of events, each written as JSON once, when it comes. */
export interface Queue {
  /** How many events wait. */
  size(): number;
  /** Add an event; why it was not added, or undefined. A full queue keeps the old ones: page views come first. */
  push(view: View, event: RumEvent): string | undefined;
  /** Take the oldest events that fit a beacon with this head: its body but for the brace, and how many they are. */
  take(head: Head): [rest: string, events: number];
  /** Forget everything. */
  clear(): void;
}

/** An empty queue. */
export function queueOf(): Queue {
  let entries: [view: View, json: string][] = [];
  return {
    size: () => entries.length,
    push(view, event) {
      const json = JSON.stringify(event);
      if (utf8(json) > EVENT_BYTES) return 'too_large';
      return entries.length < QUEUE_EVENTS ? void entries.push([view, json]) : 'queue_full';
    },
    take(head) {
      const shared = JSON.stringify(head).slice(1, -1);
      const views: View[] = [];
      const told: string[] = [];
      const events: string[] = [];
      let bytes = utf8(shared) + FRAME_BYTES;
      for (const [view, json] of entries) {
        const known = views.includes(view);
        const next = known ? '' : JSON.stringify(view);
        const event = `{"view":${known ? views.indexOf(view) : views.length},${json.slice(1)}`;
        bytes += utf8(next + event) + 2;
        if (events[0] && bytes > BEACON_BYTES) break;
        if (next) {
          views.push(view);
          told.push(next);
        }
        events.push(event);
      }
      entries.splice(0, events.length);
      return [`${shared},"views":[${told}],"events":[${events}]}`, events.length];
    },
    clear() {
      entries = [];
    },
  };
}
