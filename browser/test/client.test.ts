import { expect, test, vi } from 'vitest';
import { utf8 } from '../src/wire.js';
import { answerWith, events, freshPage, NOW, sent, show, started } from './lab.js';

freshPage();
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const dropped = () => sent.map((body) => body.dropped).reduce((all, one) => ({ ...all, ...one }), {});

test('a page announces its view with the first beacon', async () => {
  history.replaceState(null, '', '/product/9?token=secret#part');
  const rum = started({ key: 'k', release: 'r1', environment: 'live', userId: 'u', route: '/product/:id' });
  rum.flush();
  expect(sent[0]).toMatchObject({
    v: 1,
    key: 'k',
    seq: 0,
    sent_at: NOW,
    session_start: NOW,
    sample_rate: 1,
    dropped: {},
    release: 'r1',
    environment: 'live',
    user_id: 'u',
    views: [{ url: 'http://localhost:3000/product/9', route: '/product/:id', navigation_type: 'navigate' }],
  });
  expect(sent[0]!.events).toMatchObject([{ k: 'view', n: 'page_view', view: 0, id: sent[0]!.views[0]!.view_id }]);
});

test('nine events wait thirty seconds, the tenth closes the beacon', async () => {
  const rum = started();
  for (let n = 0; n < 8; n += 1) rum.track('step', { n });
  await tick(29_999);
  expect(sent.length).toBe(0);
  await tick(1);
  expect(sent[0]!.events.length).toBe(9);
  for (let n = 0; n < 9; n += 1) rum.track('step', { n });
  await tick();
  expect(sent.length).toBe(1);
  rum.track('step', { n: 9 });
  await tick();
  expect(sent[1]!.events.length).toBe(10);
});

test('a burst goes together', async () => {
  const rum = started();
  for (let n = 0; n < 40; n += 1) rum.track('step');
  await tick();
  expect(sent.map((body) => body.events.length)).toEqual([41]);
});

test.each(['hidden', 'left'])('a page that is %s beacons what it has, and what comes then', async (how) => {
  const rum = started();
  rum.track('one');
  if (how === 'hidden') show(false);
  else dispatchEvent(new Event('pagehide'));
  rum.track('two');
  await tick();
  expect(sent.map(({ by, seq, events }) => [by, seq, events.map((e) => e.n)])).toEqual([
    ['beacon', 0, ['page_view', 'one']],
    ['beacon', 1, ['two']],
  ]);
});

test('a page of the back/forward cache that is shown again is another page view, and fetches again', async () => {
  const rum = started({ route: '/home' });
  const { view_id } = rum.view();
  dispatchEvent(new Event('pagehide'));
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(rum.view()).toMatchObject({ navigation_type: 'back-forward-cache', route: '/home' });
  expect(rum.view().view_id).not.toBe(view_id);
  rum.flush();
  expect(sent.map(({ by }) => by)).toEqual(['beacon', 'fetch']);
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  expect(rum.view().navigation_type).toBe('back-forward-cache');
});

test('a value that JSON has no word for is left out, objects too', () => {
  const rum = started();
  rum.track('odd', { duration: NaN, deep: { secret: 1 }, list: [1], nothing: null, text: 'x', yes: true, no: undefined });
  rum.track('timed', { duration: 12.5 });
  rum.flush();
  expect(events()).toEqual([
    { t: NOW, k: 'custom', n: 'odd', a: { duration: null, text: 'x', yes: true }, view: 0 },
    { t: NOW, k: 'custom', n: 'timed', v: 12.5, a: { duration: 12.5 }, view: 0 },
  ]);
});

test('the hook changes an event or leaves it out, which is counted', () => {
  const rum = started({ beforeSend: (event, view) => event.n !== 'secret' && { ...event, n: `${event.n} on ${view.url.length}` } });
  rum.track('secret');
  rum.track('open');
  rum.flush();
  expect(events().map(({ n }) => n)).toEqual(['open on 22']);
  expect(dropped()).toEqual({ before_send: 1 });
});

test('nothing is thrown into the page: a hook, a collector and a page value that throw are counted', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const rum = started({ beforeSend: (event) => (event.n === 'bad' ? boom() : event) }, boom);
  rum.track('bad');
  rum.track('good', { huge: 10n });
  rum.track('good');
  rum.flush();
  expect(events().map(({ n }) => n)).toEqual(['good']);
  expect(dropped()).toEqual({ sdk_error: 3 });
});

test('an event that is too large, or one too many, is counted', async () => {
  const rum = started();
  rum.track('large', { text: 'x'.repeat(9_000) });
  for (let n = 0; n < 500; n += 1) rum.track('n');
  rum.flush();
  expect(events('custom').length).toBe(499);
  expect(dropped()).toEqual({ too_large: 1, queue_full: 1 });
  for (const { by: _, ...body } of sent) expect(utf8(JSON.stringify(body))).toBeLessThanOrEqual(16_384);
});

test('what was lost is told once, by a later page of the tab if this one has nothing left to send', () => {
  const rum = started({ beforeSend: (event) => event.k !== 'custom' && event });
  rum.flush();
  rum.track('n');
  dispatchEvent(new Event('pagehide'));
  expect(sent.length).toBe(1);
  started().flush();
  started().flush();
  expect(sent.map((body) => body.dropped)).toEqual([{}, { before_send: 1 }, {}]);
});

test('beacons are numbered over the pages of a session', () => {
  for (let page = 0; page < 3; page += 1) started().flush();
  expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  expect(new Set(sent.map((body) => body.session_id)).size).toBe(1);
});

test('a beacon is of one session', async () => {
  const rum = started();
  await tick(20_000);
  vi.setSystemTime(NOW + 31 * 60_000);
  rum.track('after the silence');
  rum.flush();
  expect(sent.map((body) => body.events.map(({ n }) => n))).toEqual([['page_view'], ['after the silence']]);
  expect(sent[0]!.session_id).not.toBe(sent[1]!.session_id);
  expect(sent.map(({ seq }) => seq)).toEqual([0, 0]);
});

test('a session that is not drawn sends nothing', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  started({ sampleRate: 0.5 }).track('n');
  await tick(60_000);
  expect(sent.length).toBe(0);
  sessionStorage.clear();
  const rum = started({ sampleRate: 0.51 });
  rum.flush();
  expect(sent[0]!.sample_rate).toBe(0.51);
});

test.each([0, -1, 2, NaN, 'many'])('a sample rate of %s is taken as 1', (rate) => {
  started({ sampleRate: rate as number }).flush();
  expect(sent[0]!.sample_rate).toBe(1);
});

test('user and route are those of the beacons to come', () => {
  const rum = started();
  rum.setUser('u1');
  rum.setRoute('/named');
  rum.flush();
  expect(sent[0]).toMatchObject({ user_id: 'u1', views: [{ route: '/named' }] });
  rum.setUser(undefined);
  rum.track('n');
  rum.flush();
  expect(sent[1]).not.toHaveProperty('user_id');
});

test('the metrics are those of the shown page view, as they stand', () => {
  const rum = started();
  const first = rum.view();
  for (const v of [100, 200]) rum.note({ k: 'vital', n: 'LCP', v, id: 'a' });
  expect(rum.getMetrics()).toEqual({ LCP: { value: 200, id: 'a' } });
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  rum.note({ k: 'vital', n: 'CLS', v: 0.1, id: 'b' }, first);
  expect(rum.getMetrics()).toEqual({});
});

test('before consent nothing is stored or sent, and what was measured waits', async () => {
  sessionStorage.setItem('rumstream', 'untouched');
  const rum = started({ consent: false });
  rum.track('early');
  show(false);
  dispatchEvent(new Event('pagehide'));
  await tick(60_000);
  expect(sent.length).toBe(0);
  expect([sessionStorage.length, localStorage.length, sessionStorage.getItem('rumstream')]).toEqual([1, 0, 'untouched']);
  rum.consent(true);
  expect(sent.flatMap((body) => body.events.map(({ n }) => n))).toEqual(['page_view', 'early']);
  expect(sessionStorage.getItem('rumstream')).toContain('"seq":1');
});

test('consent goes on with the session of an earlier page', () => {
  started().flush();
  const rum = started({ consent: false });
  rum.track('early');
  rum.consent(true);
  expect(new Set(sent.map((body) => body.session_id)).size).toBe(1);
  expect(sent.map(({ seq }) => seq)).toEqual([0, 1]);
});

test('to say yes again changes nothing', async () => {
  answerWith(503);
  const rum = started();
  rum.flush();
  await tick();
  show(false);
  show(true);
  rum.consent(true);
  answerWith(204);
  await tick(60_000);
  expect(sent.map(({ beacon_id }) => beacon_id)).toEqual([sent[0]!.beacon_id, sent[0]!.beacon_id]);
});

test('a visitor who says no is forgotten', async () => {
  answerWith(503);
  const rum = started();
  rum.flush();
  await tick();
  rum.track('n');
  show(false);
  expect(localStorage.length).toBe(1);
  rum.consent(false);
  rum.track('later');
  await tick(600_000);
  expect([sessionStorage.length, localStorage.length]).toEqual([0, 0]);
  expect(events().map(({ n }) => n)).toEqual(['n']);
});

test.each([{ globalPrivacyControl: true }, { doNotTrack: '1' }])('%o is heeded, unless the page says otherwise', async (signal) => {
  const [[name, value]] = Object.entries(signal) as [[string, unknown]];
  Object.defineProperty(navigator, name, { value, configurable: true });
  const off = started();
  off.consent(true);
  off.track('n');
  off.setRoute('/x');
  off.flush();
  await tick(60_000);
  expect([sent.length, sessionStorage.length, off.getMetrics()]).toEqual([0, 0, {}]);
  started({ heedPrivacySignals: false }).flush();
  expect(sent.length).toBe(1);
  Object.defineProperty(navigator, name, { value: undefined, configurable: true });
});

test('a page that is rendered ahead of time is a page view once it is shown', () => {
  Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
  const rum = started();
  rum.track('n');
  rum.flush();
  expect(sent.length).toBe(0);
  document.dispatchEvent(new Event('prerenderingchange'));
  rum.flush();
  expect(sent[0]!.events.map(({ n }) => n)).toEqual(['page_view']);
  Object.defineProperty(document, 'prerendering', { value: false, configurable: true });
});

test('what an earlier page left unsent goes first', async () => {
  answerWith(503);
  started().flush();
  await tick();
  show(false);
  const left = sent[0]!.beacon_id;
  show(true);
  answerWith(204);
  sent.length = 0;
  started();
  await tick();
  expect(sent[0]!.beacon_id).toBe(left);
});
