import { beforeEach, expect, test } from 'vitest';
import { INACTIVITY_MS, LONGEST_MS, sessionsOf, type Sessions } from '../src/session.js';
import { storeOf, type Store } from '../src/store.js';

const START = 1_750_000_000_000;
let store: Store;
const page = (rate = 1, draw = 0.5): Sessions => sessionsOf(store, rate, () => draw);

beforeEach(() => {
  sessionStorage.clear();
  store = storeOf(() => sessionStorage, () => true);
});

test('a session goes on just before 30 minutes of silence and ends at 30', () => {
  const sessions = page();
  const { id } = sessions.touch(START);
  expect(sessions.touch(START + INACTIVITY_MS - 1).id).toBe(id);
  expect(sessions.touch(START + 2 * INACTIVITY_MS - 1).id).not.toBe(id);
});

test('a busy session ends at 4 hours', () => {
  const sessions = page();
  const { id } = sessions.touch(START);
  for (let now = START; now < START + LONGEST_MS - 1; now += INACTIVITY_MS / 2) sessions.touch(now);
  expect(sessions.touch(START + LONGEST_MS - 1).id).toBe(id);
  const next = sessions.touch(START + LONGEST_MS);
  expect(next.id).not.toBe(id);
  expect(next.start).toBe(START + LONGEST_MS);
});

test('what is changed of a session is there on its next page', () => {
  const session = page().touch(START);
  for (const seq of [0, 1]) {
    page().change(session, (now) => {
      expect(now.seq).toBe(seq);
      now.seq += 1;
    });
  }
  expect(page().touch(START + 1).seq).toBe(2);
});

test('a session that has ended still counts its last beacons, and leaves the next one alone', () => {
  const sessions = page();
  const old = sessions.touch(START);
  const next = sessions.touch(START + INACTIVITY_MS);
  sessions.change(old, (session) => (session.seq += 1));
  expect(old.seq).toBe(1);
  expect(sessions.touch(START + INACTIVITY_MS)).toMatchObject({ id: next.id, seq: 0 });
});

test('what a session could not tell any more, the next one tells', () => {
  const sessions = page();
  sessions.change(sessions.touch(START), ({ lost }) => (lost['queue_full'] = 3));
  expect(sessions.touch(START + INACTIVITY_MS).lost).toEqual({ queue_full: 3 });
});

test('a share of sessions is measured, decided once, with the rate it was decided at', () => {
  expect(page(0.5, 0.4999).touch(START).kept).toBe(true);
  expect(page(0.1, 0.05).touch(START + 1)).toMatchObject({ kept: true, rate: 0.5 });
  sessionStorage.clear();
  expect(page(0.5, 0.5).touch(START).kept).toBe(false);
  expect(page(1, 0).touch(START + 1).kept).toBe(false);
});

test('a clock that was set back, or a damaged store, opens a new session', () => {
  const { id } = page().touch(START);
  expect(page().touch(START - 1).id).not.toBe(id);
  for (const damage of ['{"id":7}', 'null', '{', `{"id":"${'a'.repeat(32)}"}`, '']) {
    sessionStorage.setItem('rumstream', damage);
    expect(page().touch(START).id).toMatch(/^[0-9a-f]{32}$/);
  }
});

test('without storage the session lasts as long as the page', () => {
  store = storeOf(
    () => {
      throw new DOMException('denied', 'SecurityError');
    },
    () => true,
  );
  const { id } = page().touch(START);
  expect(page().touch(START + 1).id).toBe(id);
});
