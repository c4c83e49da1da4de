import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../load.mjs';

const { BEACON_CHARS, QUEUE_EVENTS, Queue } = await load('./src/queue.ts');
const A = { id: 'a' };
const B = { id: 'b' };
const VIEW = { view_id: 'v' };
const event = (length = 0) => ({ t: 1, k: 'custom', n: 'x'.repeat(length) });
const bare = JSON.stringify(event()).length;

test('what is in the queue comes out once and in order', () => {
  const queue = new Queue();
  for (const n of ['1', '2', '3']) queue.push(A, VIEW, { t: 1, k: 'custom', n });
  assert.deepEqual(queue.take().entries.map((e) => e.event.n), ['1', '2', '3']);
  assert.equal(queue.take(), undefined);
});

test('a full queue keeps the old events and tells once how many it lost', () => {
  const queue = new Queue();
  for (let n = 0; n < QUEUE_EVENTS + 3; n += 1) queue.push(A, VIEW, event());
  assert.equal(queue.size, QUEUE_EVENTS);
  assert.deepEqual(queue.take().dropped, { queue_full: 3 });
  queue.push(A, VIEW, event());
  assert.deepEqual(queue.take()?.dropped, {});
});

test('a beacon is filled to its size and not beyond', () => {
  const queue = new Queue();
  queue.push(A, VIEW, event(BEACON_CHARS - 2 * bare));
  queue.push(A, VIEW, event());
  queue.push(A, VIEW, event());
  assert.equal(queue.take().entries.length, 2);
  assert.equal(queue.take().entries.length, 1);
});

test('an event of just the size of a beacon goes, one character more is dropped', () => {
  const queue = new Queue();
  queue.push(A, VIEW, event(BEACON_CHARS - bare));
  queue.push(A, VIEW, event(BEACON_CHARS - bare + 1));
  const batch = queue.take();
  assert.equal(batch.entries.length, 1);
  assert.deepEqual(batch.dropped, { too_large: 1 });
});

test('a beacon is of one session', () => {
  const queue = new Queue();
  for (const session of [A, A, B]) queue.push(session, VIEW, event());
  assert.deepEqual([queue.take(), queue.take()].map((b) => [b.session.id, b.entries.length]), [['a', 2], ['b', 1]]);
});
