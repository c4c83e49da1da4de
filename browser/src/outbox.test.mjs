import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from '../load.mjs';

const { Outbox } = await load('./src/outbox.ts');
let beaconed;
let fetched;
let taken;
let answer;
let dropped;

const beacon = (beacon_id) => ({ beacon_id, sent_at: 0, events: [{}, {}] });
const settled = () => new Promise((done) => setImmediate(done));
const outbox = () => new Outbox('/api/v1/rum', (reason, events) => dropped.push([reason, events]));

beforeEach(() => {
  [beaconed, fetched, dropped, taken, answer] = [[], [], [], false, async () => ({ status: 204 })];
  const sendBeacon = (_, body) => taken && beaconed.push(JSON.parse(body)) > 0;
  Object.defineProperty(globalThis, 'navigator', { value: { sendBeacon }, configurable: true });
  globalThis.fetch = (_, { body }) => {
    fetched.push(JSON.parse(body));
    return answer();
  };
});

test('what sendBeacon takes is not fetched', () => {
  taken = true;
  outbox().send(beacon('a'));
  assert.deepEqual([beaconed.length, fetched.length], [1, 0]);
});

test('what sendBeacon refuses is fetched', () => {
  outbox().send(beacon('a'));
  assert.deepEqual([beaconed.length, fetched.length], [0, 1]);
});

test('503, 429 and no answer: the same beacon again, with the time of the new attempt', async () => {
  const failures = [async () => ({ status: 503 }), async () => ({ status: 429 }), () => Promise.reject(new TypeError())];
  for (const failure of failures) {
    const box = outbox();
    [fetched, answer] = [[], failure];
    box.send(beacon('a'));
    await settled();
    answer = async () => ({ status: 204 });
    box.retry();
    await settled();
    box.retry();
    assert.deepEqual(fetched.map((b) => b.beacon_id), ['a', 'a']);
    assert.ok(fetched[1].sent_at >= fetched[0].sent_at && fetched[0].sent_at > 0);
  }
  assert.deepEqual(dropped, []);
});

test('what the collector refuses is dropped and counted', async () => {
  answer = async () => ({ status: 400 });
  const box = outbox();
  box.send(beacon('a'));
  await settled();
  box.retry();
  assert.equal(fetched.length, 1);
  assert.deepEqual(dropped, [['refused', 2]]);
});

test('20 beacons wait, the 21st is dropped and counted', async () => {
  answer = async () => ({ status: 503 });
  const box = outbox();
  for (let n = 0; n < 21; n += 1) box.send(beacon(`b${n}`));
  await settled();
  assert.deepEqual(dropped, [['undelivered', 2]]);
  fetched = [];
  box.retry();
  assert.equal(fetched.length, 20);
});
