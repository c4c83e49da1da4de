import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FLYING_BYTES, outboxOf, RETRY_AFTER_MS, STORED_CHARS, STORED_MS, WAITING, type Letter, type Outbox } from '../src/outbox.js';
import { storeOf } from '../src/store.js';

const NOW = 1_750_000_000_000;
const DISK = 'rumstream.unsent';
type Body = { beacon_id: string; sent_at: number };

let beaconed: Body[];
let fetched: Body[];
let takes: boolean;
let online: boolean;
let answer: () => Promise<Response>;
let dropped: [string, number][];

const status = (code: number, headers = {}) => async () => new Response(null, { status: code, headers });
const letter = (id: string, padding = 0): Letter => ({
  id,
  at: Date.now(),
  events: 2,
  rest: `"beacon_id":"${id}","x":"${'x'.repeat(padding)}"}`,
});
const page = (): Outbox =>
  outboxOf('/api/v1/rum', storeOf(() => localStorage, () => true), (...lost) => void dropped.push(lost));
const stored = (): string[] => (JSON.parse(localStorage.getItem(DISK) ?? '[]') as Letter[]).map(({ id }) => id);
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  [beaconed, fetched, dropped, takes, online, answer] = [[], [], [], true, true, status(204)];
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    fetched.push(JSON.parse(body) as Body);
    return answer();
  });
  Object.defineProperty(navigator, 'onLine', { get: () => online, configurable: true });
  Object.defineProperty(navigator, 'sendBeacon', {
    value: (_: string, body: string) => takes && beaconed.push(JSON.parse(body) as Body) > 0,
    configurable: true,
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('a visible page fetches, a leaving one beacons', async () => {
  const outbox = page();
  outbox.send(letter('a'), false);
  outbox.send(letter('b'), true);
  await settled();
  expect([fetched.map((b) => b.beacon_id), beaconed.map((b) => b.beacon_id)]).toEqual([['a'], ['b']]);
  expect(stored()).toEqual([]);
});

test.each([['503', status(503)], ['500', status(500)], ['429', status(429)], ['no answer', () => Promise.reject(new TypeError())]])(
  '%s: the same beacon again after a second, with the time of the new attempt',
  async (_, failure) => {
    answer = failure;
    page().send(letter('a'), false);
    await settled();
    answer = status(204);
    await vi.advanceTimersByTimeAsync(999);
    expect(fetched.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fetched).toEqual([
      { beacon_id: 'a', sent_at: NOW, x: '' },
      { beacon_id: 'a', sent_at: NOW + 1_000, x: '' },
    ]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetched.length).toBe(2);
    expect(dropped).toEqual([]);
  },
);

test('the wait doubles to a minute, and one success begins it anew', async () => {
  answer = status(503);
  const outbox = page();
  outbox.send(letter('a'), false);
  const waits: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    await settled();
    const before = Date.now();
    await vi.advanceTimersToNextTimerAsync();
    waits.push((Date.now() - before) / 1_000);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  answer = status(204);
  await vi.advanceTimersToNextTimerAsync();
  answer = status(503);
  outbox.send(letter('b'), false);
  await settled();
  const before = Date.now();
  await vi.advanceTimersToNextTimerAsync();
  expect(Date.now() - before).toBe(1_000);
});

test('Retry-After is obeyed, up to ten minutes', async () => {
  for (const [told, wait] of [['7', 7_000], ['86400', RETRY_AFTER_MS], ['soon', 1_000]] as const) {
    answer = status(429, { 'retry-after': told });
    [fetched] = [[]];
    page().send(letter('a'), false);
    await settled();
    answer = status(204);
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(fetched.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fetched.length).toBe(2);
  }
});

test('while one attempt has failed no other beacon goes', async () => {
  answer = status(503);
  const outbox = page();
  outbox.send(letter('a'), false);
  await settled();
  outbox.send(letter('b'), false);
  expect(fetched.length).toBe(1);
  answer = status(204);
  outbox.pump(true);
  await settled();
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a', 'a', 'b']);
});

test('beacons that fail together are one failure, and after it one goes ahead of the others', async () => {
  answer = status(503);
  const outbox = page();
  for (const id of ['a', 'b', 'c']) outbox.send(letter(id), false);
  await settled();
  fetched = [];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a']);
  answer = status(204);
  fetched = [];
  await vi.advanceTimersByTimeAsync(2_000);
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a', 'b', 'c']);
});

test('what the collector refuses is dropped and counted', async () => {
  answer = status(400);
  page().send(letter('a'), false);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetched.length).toBe(1);
  expect(dropped).toEqual([['refused', 2]]);
});

test(`${WAITING} beacons wait, the next one is dropped and counted`, async () => {
  answer = status(503);
  const outbox = page();
  for (let n = 0; n <= WAITING; n += 1) outbox.send(letter(`b${n}`), false);
  expect(dropped).toEqual([['undelivered', 2]]);
});

test('never more than 60 KB are on their way', async () => {
  const answers: (() => void)[] = [];
  answer = () => new Promise((done) => answers.push(() => done(new Response(null, { status: 204 }))));
  const outbox = page();
  for (const id of ['a', 'b', 'c', 'd', 'e']) outbox.send(letter(id, 14_900), false);
  expect(fetched.length).toBe(Math.floor(FLYING_BYTES / 14_950));
  answers.shift()!();
  await settled();
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('without doubt nothing is stored', async () => {
  answer = () => new Promise(() => undefined);
  const outbox = page();
  outbox.send(letter('flying'), false);
  outbox.send(letter('gone'), true);
  outbox.keep();
  expect(stored()).toEqual([]);
});

test.each([
  ['the browser is offline', () => (online = false)],
  ['sendBeacon refuses', () => (takes = false)],
])('a copy is stored where %s, and the next page sends it again under its id', async (_, doubt) => {
  doubt();
  answer = () => new Promise(() => undefined);
  page().send(letter('a'), true);
  expect(stored()).toEqual(['a']);
  [fetched, online, answer] = [[], true, status(204)];
  page().adopt(Date.now());
  await settled();
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a']);
  expect(stored()).toEqual([]);
});

test('a copy is stored where the last attempt failed', async () => {
  answer = status(503);
  const outbox = page();
  outbox.send(letter('a'), false);
  await settled();
  outbox.send(letter('b'), true);
  outbox.keep();
  expect(beaconed.map((b) => b.beacon_id)).toEqual(['b']);
  expect(stored()).toEqual(['a', 'b']);
});

test('a stored beacon stays stored until the collector has it', async () => {
  localStorage.setItem(DISK, JSON.stringify([letter('a')]));
  answer = status(503);
  page().adopt(Date.now());
  await settled();
  expect(stored()).toEqual(['a']);
  answer = status(204);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored()).toEqual([]);
});

test('a stored beacon is given up at four hours, not before', async () => {
  localStorage.setItem(DISK, JSON.stringify([{ ...letter('old'), at: NOW - STORED_MS }, { ...letter('young'), at: NOW - STORED_MS + 1 }]));
  page().adopt(NOW);
  await settled();
  expect(fetched.map((b) => b.beacon_id)).toEqual(['young']);
  expect(dropped).toEqual([['expired', 2]]);
  expect(stored()).toEqual([]);
});

test('a page takes over all that is stored, and has room for its own', async () => {
  const left = Array.from({ length: 60 }, (_, n) => letter(`b${n}`));
  localStorage.setItem(DISK, JSON.stringify(left));
  answer = status(503);
  const outbox = page();
  outbox.adopt(NOW);
  outbox.send(letter('own'), false);
  await settled();
  answer = status(204);
  outbox.pump(true);
  await settled();
  expect(stored()).toEqual([]);
  expect(new Set(fetched.map((b) => b.beacon_id)).size).toBe(61);
  expect(dropped).toEqual([]);
});

test('what is stored is bounded, and the oldest goes', () => {
  takes = false;
  answer = () => new Promise(() => undefined);
  const outbox = page();
  for (const id of ['a', 'b', 'c', 'd', 'e']) outbox.send(letter(id, 14_900), true);
  expect(localStorage.getItem(DISK)!.length).toBeLessThanOrEqual(STORED_CHARS);
  expect(stored()).not.toContain('a');
  expect(stored()).toContain('e');
});

test.each(['{', 'null', '[1]', '[{}]', '7'])('a damaged store (%s) is an empty one', (damage) => {
  localStorage.setItem(DISK, damage);
  page().adopt(NOW);
  expect([fetched, dropped]).toEqual([[], []]);
});

test('without sendBeacon a leaving page fetches', () => {
  Object.defineProperty(navigator, 'sendBeacon', { value: undefined, configurable: true });
  page().send(letter('a'), true);
  expect(fetched.map((b) => b.beacon_id)).toEqual(['a']);
});

test('without fetch a beacon waits', async () => {
  vi.stubGlobal('fetch', undefined);
  const outbox = page();
  outbox.send(letter('a'), false);
  await settled();
  outbox.keep();
  expect(stored()).toEqual(['a']);
});

test('what is forgotten is forgotten on disk, too', async () => {
  answer = status(503);
  const outbox = page();
  outbox.send(letter('a'), false);
  await settled();
  outbox.keep();
  outbox.clear();
  expect(localStorage.length).toBe(0);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetched.length).toBe(1);
});
