import { expect, test, vi } from 'vitest';
import { errors } from '../src/errors.js';
import { gtag } from '../src/gtag.js';
import { interactions, selectorOf } from '../src/interactions.js';
import { memory } from '../src/memory.js';
import { requests } from '../src/requests.js';
import { routes } from '../src/routes.js';
import { visibility } from '../src/visibility.js';
import { events, freshPage, NOW, sent, show, started } from './lab.js';

freshPage();
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const dropped = () => Object.assign({}, ...sent.map((body) => body.dropped)) as Record<string, number>;
const page = (html: string): Element => {
  document.body.innerHTML = html;
  return document.querySelector('.target') ?? document.querySelector('[data-target]')!;
};
const fail = (error: Error, more = {}): boolean =>
  dispatchEvent(new ErrorEvent('error', { error, message: error.message, ...more }));

test('an uncaught error is told with its place, scrubbed', () => {
  const rum = started({}, errors());
  const error = new TypeError('no user a.b@example.com at https://shop.example/x?token=secret');
  error.stack = 'TypeError: no\n    at f (https://shop.example/app.js?v=1:10:5)';
  fail(error, { filename: 'https://shop.example/app.js?v=1', lineno: 10, colno: 5 });
  rum.flush();
  expect(events('error')).toMatchObject([
    {
      n: 'TypeError',
      a: {
        message: 'no user [email] at https://shop.example/x',
        stack: 'TypeError: no\n    at f (https://shop.example/app.js:10:5)',
        source: 'https://shop.example/app.js',
        line: 10,
        column: 5,
      },
    },
  ]);
});

test('an error that repeats is told once a page view; the repetitions are counted', () => {
  const rum = started({}, errors());
  const [one, other] = [new Error('one'), new Error('other')];
  for (const error of [one, other, one, one]) fail(error);
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  fail(one);
  rum.flush();
  rum.track('n');
  rum.flush();
  expect(events('error').map(({ a }) => a!['message'])).toEqual(['one', 'other', 'one']);
  expect(dropped()).toEqual({ error_repeated: 2 });
});

test('fifty errors are told, the next one is counted', () => {
  const rum = started({}, errors());
  for (let n = 0; n < 51; n += 1) fail(new Error(`error ${n}`));
  rum.flush();
  expect(events('error').length).toBe(50);
  expect(dropped()).toEqual({ errors_per_view: 1 });
});

test('an unhandled rejection is told, whatever it was rejected with', () => {
  const rum = started({}, errors());
  for (const reason of [new RangeError('far'), 'text', undefined, { deep: 1 }]) {
    dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }));
  }
  rum.flush();
  expect(events('error').map(({ n, a }) => [n, a!['message'], a!['unhandled']])).toEqual([
    ['RangeError', 'far', true],
    ['Error', 'text', true],
    ['Error', 'undefined', true],
    ['Error', '[object Object]', true],
  ]);
});

test.each([
  ['<main id="shop"><button class="target">Buy</button></main>', '#shop>button.target'],
  ['<main><p><b><i class="target"></i></b></p></main>', 'p>b>i.target'],
  ['<form id="f123"><input name="email" data-target value="typed"></form>', 'body>form>input[email]'],
  ['<a data-testid="buy" data-target>a@b.example</a>', 'body>a[buy]'],
  ['<div id=":r1:" class="css-1a2b334 card target"></div>', 'body>div.card'],
])('%s is named %s', (html, name) => expect(selectorOf(page(html))).toBe(name));

test('what is no element has a name, too', () => {
  expect([selectorOf(document), selectorOf(null)]).toEqual(['document', 'document']);
});

test('a click is told with its target, once the page has painted', async () => {
  vi.stubGlobal('requestAnimationFrame', (fn: () => void) => setTimeout(fn, 16));
  const rum = started({}, interactions());
  page('<button class="target">Card 4111 1111 1111 1111</button>').dispatchEvent(new MouseEvent('click', { bubbles: true }));
  rum.flush();
  expect(events('action')).toEqual([]);
  await tick(17);
  rum.flush();
  expect(events('action')).toMatchObject([{ n: 'click', a: { target: 'body>button.target' } }]);
  expect(JSON.stringify(sent)).not.toContain('4111');
});

test('a click that leaves the page is told all the same', () => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  started({}, interactions());
  page('<a class="target">next</a>').dispatchEvent(new MouseEvent('click', { bubbles: true }));
  dispatchEvent(new Event('pagehide'));
  expect(events('action').map(({ n }) => n)).toEqual(['click']);
});

test('typing is one interaction a second and an element, and never tells the key', async () => {
  vi.stubGlobal('requestAnimationFrame', (fn: () => void) => setTimeout(fn));
  const rum = started({}, interactions());
  const input = page('<input class="target">');
  for (const key of 'secret') input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await tick(1);
  await tick(1);
  rum.flush();
  expect(events('action').map(({ n, a }) => [n, a])).toEqual([['keydown', { target: 'body>input.target' }]]);
});

test('hiding and showing the page is told with how long it was what it no longer is', async () => {
  const rum = started({}, visibility());
  show(false);
  show(true);
  rum.flush();
  expect(events('visibility').map(({ n }) => n)).toEqual(['hidden', 'visible']);
  expect(events('visibility').every(({ v }) => v! >= 0)).toBe(true);
});

function backEnd(answer: () => Promise<Response>): { calls: [RequestInfo | URL, RequestInit | undefined][] } {
  const calls: [RequestInfo | URL, RequestInit | undefined][] = [];
  const toUs = window.fetch;
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    if (String(input).includes('/api/v1/')) return toUs(input, init);
    calls.push([input, init]);
    return answer();
  });
  return { calls };
}

test('a fetch is told with method, address, status and time; our own beacons are not', async () => {
  backEnd(async () => new Response('x', { status: 404 }));
  const rum = started({}, requests());
  expect((await fetch('/api/cart?user=a@b.example', { method: 'post' })).status).toBe(404);
  await fetch(new Request('https://api.example/orders/7'));
  rum.flush();
  await tick();
  rum.flush();
  expect(events('request')).toMatchObject([
    { n: '/api/cart', a: { url: 'http://localhost:3000/api/cart', method: 'POST', status: 404 } },
    { n: 'https://api.example/orders/7', a: { method: 'GET', status: 404 } },
  ]);
});

test('a fetch that fails is told, and its rejection reaches the page', async () => {
  const error = new TypeError('Failed to fetch');
  backEnd(() => Promise.reject(error));
  const rum = started({}, requests());
  await expect(fetch('/gone')).rejects.toBe(error);
  rum.flush();
  expect(events('request')).toMatchObject([{ n: '/gone', a: { status: 0, failure: 'network' } }]);
});

test('only allowed origins are given a trace context, and what the page set stays', async () => {
  const { calls } = backEnd(async () => new Response());
  const rum = started({}, requests({ traceOrigins: ['https://api.example'] }));
  await fetch('https://api.example/a', { headers: { accept: 'text/plain' } });
  await fetch('https://other.example/a');
  await fetch('https://api.example.evil/a');
  await fetch(new Request('https://api.example/b', { headers: { traceparent: 'of the page' } }));
  const sentHeaders = calls.map(([, init]) => new Headers(init?.headers));
  expect(sentHeaders.map((headers) => headers.get('traceparent'))).toEqual([
    expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    null,
    null,
    'of the page',
  ]);
  expect(sentHeaders[0]!.get('accept')).toBe('text/plain');
  rum.flush();
  const trace = events('request')[0]!.a!['trace_id'];
  expect(sentHeaders[0]!.get('traceparent')).toContain(trace);
});

test('a route change is a page view of its own, with what it took', async () => {
  const rum = started({ route: '/home' }, routes());
  const first = rum.view();
  history.pushState(null, '', '/product/7?sort=price');
  history.replaceState(null, '', '/product/7?sort=name');
  rum.track('on the product');
  await tick(200);
  rum.flush();
  const [body] = sent;
  expect(body!.views.map(({ url, navigation_type, referrer }) => [url, navigation_type, referrer])).toEqual([
    ['http://localhost:3000/', 'navigate', ''],
    ['http://localhost:3000/product/7', 'soft-navigation', 'http://localhost:3000/'],
  ]);
  expect(body!.events.map(({ k, view }) => [k, view])).toEqual([
    ['view', 0],
    ['view', 1],
    ['custom', 1],
    ['navigation', 1],
  ]);
  expect(body!.events[3]).toMatchObject({ n: 'route', a: { from: first.url, to: 'http://localhost:3000/product/7', slow: false } });
});

test('a transition over a second is slow, one of just a second is not', async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now() - NOW);
  for (const [ms, slow] of [[1_000, false], [1_001, true]] as const) {
    sent.length = 0;
    const rum = started({}, routes());
    history.pushState(null, '', `/after/${ms}`);
    for (let waited = 0; waited < ms; waited += 100) {
      await tick(Math.min(100, ms - waited));
      document.body.append('more');
      await tick();
    }
    await tick(200);
    rum.flush();
    expect(events('navigation')).toMatchObject([{ v: ms, a: { slow } }]);
  }
});

test('a late report of a vital belongs to the page view it was measured for', () => {
  const rum = started({}, routes());
  const hard = rum.view();
  history.pushState(null, '', '/one');
  const soft = rum.view();
  const begun = performance.now();
  history.pushState(null, '', '/two');
  const of = (navigationType: string, navigationStartTime: number) => rum.viewFor!({ navigationType, navigationStartTime });
  expect(of('navigate', 0)).toBe(hard);
  expect(of('soft-navigation', begun - 50)).toBe(soft);
  expect(of('soft-navigation', begun + 10_000)).toBe(rum.view());
});

function heap(used: number): void {
  const memory = { usedJSHeapSize: used * 1_048_576, jsHeapSizeLimit: 100 * 1_048_576 };
  Object.defineProperty(performance, 'memory', { value: memory, configurable: true });
}

test('memory is read every thirty seconds; over nine tenths of its limit there is one alert', async () => {
  const alerts: unknown[] = [];
  const toUs = window.fetch;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (!url.includes('/alerts')) return toUs(url, init);
    alerts.push([url, JSON.parse(init.body as string)]);
    return new Response(null, { status: 204 });
  });
  heap(90);
  const rum = started({ key: 'k&' }, memory());
  await tick(29_999);
  heap(91);
  await tick(1);
  await tick(30_000);
  rum.flush();
  expect(events('memory').map(({ v }) => v)).toEqual([90, 91, 91]);
  expect(events('memory')[0]).toMatchObject({ n: 'usedMemoryMB', a: { limitMB: 100 } });
  expect(alerts).toEqual([
    [
      '/api/v1/alerts?key=k%26',
      {
        type: 'high_memory_usage',
        timestamp: NOW + 30_000,
        data: { usedMemoryMB: 91, limitMB: 100, url: 'http://localhost:3000/' },
      },
    ],
  ]);
});

test('a browser that does not tell of its memory is not asked again', async () => {
  Object.defineProperty(performance, 'memory', { value: undefined, configurable: true });
  const rum = started({}, memory());
  await tick(600_000);
  rum.flush();
  expect(events()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('the tag is told of vitals, as whole numbers, and of transitions', async () => {
  const told: unknown[] = [];
  const rum = started({}, routes(), gtag((...call) => void told.push(call)));
  rum.note({ k: 'vital', n: 'CLS', v: 0.1234, id: 'c' });
  rum.note({ k: 'vital', n: 'LCP', v: 1200.6, id: 'l' });
  rum.note({ k: 'vital', n: 'LCP', v: 1300.6, id: 'l' });
  history.pushState(null, '', '/next');
  await tick(200);
  expect(told).toEqual([
    ['event', 'CLS', { value: 123, metric_id: 'c', metric_value: 0.1234, metric_delta: 0.1234 }],
    ['event', 'LCP', { value: 1201, metric_id: 'l', metric_value: 1200.6, metric_delta: 1200.6 }],
    ['event', 'LCP', { value: 1301, metric_id: 'l', metric_value: 1300.6, metric_delta: 100 }],
    ['event', 'page_transition', { event_category: 'Navigation', value: expect.any(Number) as number, page_path: '/next' }],
  ]);
});
