import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from '../load.mjs';

const START = 1_750_000_000_000;
let session;

function storage(broken = false) {
  const kept = new Map();
  const fail = () => {
    throw new Error('forbidden');
  };
  const working = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  return broken ? { getItem: fail, setItem: fail } : working;
}

beforeEach(async () => {
  globalThis.sessionStorage = storage();
  session = await load('./src/session.ts');
});

test('a session goes on just before 30 minutes of silence and ends at 30', () => {
  const first = session.touch(START, 1);
  assert.equal(session.touch(START + session.INACTIVITY_MS - 1, 1).id, first.id);
  assert.notEqual(session.touch(START + 2 * session.INACTIVITY_MS - 1, 1).id, first.id);
});

test('a busy session ends at 4 hours', () => {
  const first = session.touch(START, 1);
  for (let now = START; now < START + session.LONGEST_MS - 1; now += session.INACTIVITY_MS / 2) session.touch(now, 1);
  assert.equal(session.touch(START + session.LONGEST_MS - 1, 1).id, first.id);
  const next = session.touch(START + session.LONGEST_MS, 1);
  assert.notEqual(next.id, first.id);
  assert.equal(next.start, START + session.LONGEST_MS);
});

test('beacons are numbered over the pages of a session', async () => {
  const first = session.touch(START, 1);
  assert.deepEqual([session.nextSeq(first), session.nextSeq(first)], [0, 1]);
  const nextPage = await load('./src/session.ts');
  assert.equal(nextPage.nextSeq(nextPage.touch(START + 1, 1)), 2);
});

test('a session that was not drawn stays undrawn', () => {
  assert.equal(session.touch(START, 0).kept, false);
  assert.equal(session.touch(START + 1, 1).kept, false);
});

test('a clock that was set back, or a damaged store, opens a new session', () => {
  const first = session.touch(START, 1);
  assert.notEqual(session.touch(START - 1, 1).id, first.id);
  sessionStorage.setItem('rumstream', '{"id": 7}');
  assert.match(session.touch(START, 1).id, /^[0-9a-f]{32}$/);
});

test('without storage the session lasts as long as the page', () => {
  globalThis.sessionStorage = storage(true);
  const first = session.touch(START, 1);
  assert.equal(session.touch(START + 1, 1).id, first.id);
});
