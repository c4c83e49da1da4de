import { expect, test } from 'vitest';
import { BEACON_BYTES, EVENT_BYTES, QUEUE_EVENTS, queueOf } from '../src/queue.js';
import { utf8, type Head, type RumEvent, type View } from '../src/wire.js';

const VIEW: View = { view_id: 'v', url: 'http://shop.example/', navigation_type: 'navigate', started_at: 1 };
const HEAD: Head = { v: 1, beacon_id: 'b', seq: 0, session_id: 's', session_start: 1, sample_rate: 1, dropped: {} };
const event = (n = ''): RumEvent => ({ t: 1, k: 'custom', n });
const bare = JSON.stringify(event()).length;
const read = (rest: string): Record<string, any> => JSON.parse(`{"sent_at":1,${rest}`) as Record<string, any>;

test('what is in the queue comes out once and in order', () => {
  const queue = queueOf();
  for (const n of ['1', '2', '3']) queue.push(VIEW, event(n));
  const [rest, events] = queue.take(HEAD);
  expect(events).toBe(3);
  expect(read(rest)['events'].map((e: RumEvent) => e.n)).toEqual(['1', '2', '3']);
  expect(queue.size()).toBe(0);
});

test('the body is the head, each view once, and events that point at their views', () => {
  const queue = queueOf();
  const other = { ...VIEW, view_id: 'w' };
  for (const view of [VIEW, other, VIEW]) queue.push(view, event());
  expect(read(queue.take(HEAD)[0])).toEqual({
    sent_at: 1,
    ...HEAD,
    views: [VIEW, other],
    events: [0, 1, 0].map((view) => ({ view, ...event() })),
  });
});

test('a full queue keeps the old events', () => {
  const queue = queueOf();
  for (let n = 0; n < QUEUE_EVENTS; n += 1) expect(queue.push(VIEW, event(String(n)))).toBeUndefined();
  expect(queue.push(VIEW, event('late'))).toBe('queue_full');
  expect(read(queue.take(HEAD)[0])['events'][0].n).toBe('0');
});

test('an event of just the largest size is taken, one byte more is not', () => {
  const queue = queueOf();
  expect(queue.push(VIEW, event('x'.repeat(EVENT_BYTES - bare)))).toBeUndefined();
  expect(queue.push(VIEW, event('x'.repeat(EVENT_BYTES - bare + 1)))).toBe('too_large');
  expect(queue.push(VIEW, event(`é${'x'.repeat(EVENT_BYTES - bare - 2)}`))).toBeUndefined();
  expect(queue.push(VIEW, event(`é${'x'.repeat(EVENT_BYTES - bare - 1)}`))).toBe('too_large');
});

test('a beacon is filled up to 16 KB of UTF-8 and never beyond', () => {
  for (const text of ['x', 'é', '€', '😀', '\ud800']) {
    const queue = queueOf();
    for (let n = 0; n < 200; n += 1) queue.push(VIEW, event(text.repeat(40)));
    let [taken, largest] = [0, 0];
    while (queue.size()) {
      const [rest, events] = queue.take(HEAD);
      const bytes = utf8(`{"sent_at":1750000000000,${rest}`);
      expect(bytes).toBeLessThanOrEqual(BEACON_BYTES);
      [taken, largest] = [taken + events, Math.max(largest, bytes)];
    }
    expect(taken).toBe(200);
    expect(largest).toBeGreaterThan(BEACON_BYTES - 1_000);
  }
});

test('the largest event goes with the longest head and view that the client makes', () => {
  const queue = queueOf();
  const long = { ...VIEW, url: 'x'.repeat(1024), referrer: 'x'.repeat(1024), route: '€'.repeat(256) };
  queue.push(long, event('x'.repeat(EVENT_BYTES - bare)));
  const head = { ...HEAD, key: '€'.repeat(256), release: '€'.repeat(256), environment: '€'.repeat(256), user_id: '€'.repeat(256) };
  expect(utf8(queue.take(head)[0])).toBeLessThan(BEACON_BYTES - 64);
});
