import { beforeEach, expect, test } from 'vitest';
import { storeOf } from '../src/store.js';

beforeEach(() => sessionStorage.clear());

test('before consent nothing is read from the disk and nothing written to it', () => {
  let allowed = false;
  sessionStorage.setItem('known', 'from before');
  const store = storeOf(() => sessionStorage, () => allowed);
  store.set('new', 'value');
  expect(store.get('known')).toBeUndefined();
  expect(store.get('new')).toBe('value');
  expect(sessionStorage.length).toBe(1);
  allowed = true;
  expect(store.get('known')).toBe('from before');
  expect(store.get('new')).toBe('value');
});

test('to forget needs no consent', () => {
  sessionStorage.setItem('known', 'from before');
  storeOf(() => sessionStorage, () => false).set('known', '');
  expect(sessionStorage.length).toBe(0);
});

test('a full disk is memory', () => {
  const full = { getItem: () => null, setItem: () => { throw new DOMException('', 'QuotaExceededError'); } };
  const store = storeOf(() => full as unknown as Storage, () => true);
  store.set('a', 'value');
  expect(store.get('a')).toBe('value');
});
