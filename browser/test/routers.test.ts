import { expect, test, vi } from 'vitest';
import { nextPages, patternOf as nextPattern, routeOf } from '../src/next.js';
import { patternOf, reactRouter, type DataRouter } from '../src/react-router.js';
import { events, freshPage, sent, started } from './lab.js';

freshPage();
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const frames = () => vi.stubGlobal('requestAnimationFrame', (fn: () => void) => setTimeout(fn, 16));
const matches = (...paths: (string | undefined)[]) => paths.map((path) => ({ route: { path } }));

test('the pattern of React Router is that of all matched routes', () => {
  const of = (...paths: (string | undefined)[]) => patternOf({ navigation: { state: 'idle' }, matches: matches(...paths) });
  expect(of('/', 'shop', undefined, 'product/:id')).toBe('/shop/product/:id');
  expect(of('/')).toBe('/');
  expect(of('/', '*')).toBe('/*');
});

test('a transition of React Router is from the click over its loaders to the new page', async () => {
  frames();
  let tell: Parameters<DataRouter['subscribe']>[0] = () => undefined;
  const rum = started({}, reactRouter({ subscribe: (fn) => (tell = fn) }));
  tell({ navigation: { state: 'loading' }, matches: matches('/') });
  await tick(50);
  tell({ navigation: { state: 'idle' }, matches: matches('/', 'product/:id') });
  history.pushState(null, '', '/product/7');
  await tick(16);
  rum.flush();
  expect(sent[0]!.views[1]).toMatchObject({ route: '/product/:id', navigation_type: 'soft-navigation' });
  expect(events('navigation')).toMatchObject([{ n: 'route', a: { to: 'http://localhost:3000/product/7' } }]);
});

test('a transition of React Router that is taken back is none', async () => {
  frames();
  let tell: Parameters<DataRouter['subscribe']>[0] = () => undefined;
  const rum = started({}, reactRouter({ subscribe: (fn) => (tell = fn) }));
  for (const state of ['loading', 'idle']) tell({ navigation: { state }, matches: matches('/') });
  await tick(100);
  rum.flush();
  expect(events()).toEqual([]);
});

test.each([
  ['/product/[id]', '/product/:id'],
  ['/docs/[...path]', '/docs/:path'],
  ['/docs/[[...path]]', '/docs/:path'],
  ['/(shop)/cart', '/cart'],
  ['/', '/'],
])("Next.js' %s is %s", (route, pattern) => expect(nextPattern(route)).toBe(pattern));

test("a transition of Next.js' pages router is from its start to its completion", async () => {
  frames();
  const on: Record<string, () => void> = {};
  const router = { route: '/', events: { on: (name: string, fn: () => void) => void (on[name] = fn) } };
  const rum = started({}, nextPages(router));
  on['routeChangeStart']!();
  history.pushState(null, '', '/product/7');
  router.route = '/product/[id]';
  on['routeChangeComplete']!();
  await tick(16);
  rum.flush();
  expect(sent[0]!.views[1]).toMatchObject({ route: '/product/:id' });
  expect(events('navigation').length).toBe(1);
});

test("a route of Next.js' app router is its path with the parameters' names", () => {
  expect(routeOf('/shop/7/reviews', { id: '7' })).toBe('/shop/:id/reviews');
  expect(routeOf('/docs/a/b', { path: ['a', 'b'] })).toBe('/docs/:path');
  expect(routeOf('/shop', { id: undefined })).toBe('/shop');
});
