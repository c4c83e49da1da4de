/** Shows what the SDK measures, and keeps it for the tab in `window.__rum_log`, so that the next page has it too. */

interface Logged {
  name: string;
  value: number;
  id: string;
  navigationType: string;
  page: string;
}

interface Measured {
  k: string;
  n: string;
  v?: number;
  id?: string;
  a?: Record<string, unknown>;
  view: { navigation_type: string };
}

declare global {
  interface Window {
    __rum_log: Logged[];
  }
}

const STORE = 'rum_log';
const RATINGS: Record<string, [number, number]> = {
  LCP: [2500, 4000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1800, 3000],
  TTFB: [800, 1800],
  FID: [100, 300],
  TBT: [200, 600],
};

const one = <T extends HTMLElement>(id: string): T | null => document.getElementById(id) as T | null;
let beacons = 0;
let events = 0;

function rating(name: string, value: number): string {
  const [good, poor] = RATINGS[name] ?? [Infinity, Infinity];
  return value <= good ? 'good' : value <= poor ? 'needs improvement' : 'poor';
}

function shown(name: string, value: number): string {
  return name === 'CLS' ? value.toFixed(3) : `${Math.round(value)} ms`;
}

function showVital(name: string, value: number): void {
  const cell = one(`vital-${name}`);
  if (!cell) return;
  cell.textContent = shown(name, value);
  cell.dataset['rating'] = rating(name, value);
  const rated = one(`rating-${name}`);
  if (rated) rated.textContent = rating(name, value);
}

function showEvent(event: Measured): void {
  const list = one<HTMLOListElement>('events');
  if (!list) return;
  const item = document.createElement('li');
  const what = event.k === 'error' ? String(event.a?.['message'] ?? '') : event.v === undefined ? '' : shown(event.n, event.v);
  item.textContent = [event.k, event.n === 'page_view' ? '' : event.n, what].filter(Boolean).join(' · ');
  list.prepend(item);
  while (list.children.length > 12) list.lastElementChild?.remove();
}

window.__rum_log = JSON.parse(sessionStorage.getItem(STORE) ?? '[]') as Logged[];

addEventListener('rumstream:event', (event) => {
  const measured = (event as CustomEvent<Measured>).detail;
  showEvent(measured);
  if (measured.k !== 'vital' || measured.v === undefined) return;
  showVital(measured.n, measured.v);
  window.__rum_log.push({
    name: measured.n,
    value: measured.v,
    id: measured.id ?? '',
    navigationType: measured.view.navigation_type,
    page: location.pathname,
  });
  sessionStorage.setItem(STORE, JSON.stringify(window.__rum_log.slice(-200)));
});

addEventListener('rumstream:beacon', (event) => {
  beacons += 1;
  events += (event as CustomEvent<{ events: number }>).detail.events;
  const line = one('sent');
  if (line) line.textContent = `${events} events in ${beacons} ${beacons === 1 ? 'beacon' : 'beacons'}`;
});

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

one('work')?.addEventListener('click', () => {
  busy(120);
  one('work-done')!.textContent = 'Done: the page was busy for 120 ms.';
});

one('shift')?.addEventListener('click', () => {
  // Half a second after the click, or the browser forgives the shift as an answer to it.
  setTimeout(() => one('late')!.removeAttribute('hidden'), 700);
});

one('throw')?.addEventListener('click', () => {
  throw new TypeError('The demo page threw this on purpose');
});

one('fetch')?.addEventListener('click', async () => {
  const answer = await fetch('/healthz', { cache: 'no-store' });
  one('fetch-done')!.textContent = `The collector's health check answered ${answer.status}.`;
});

// `rumstream up` adds ?api=<port> to the address it prints; by default the API is one port above the collector.
const asked = Number(new URLSearchParams(location.search).get('api') ?? sessionStorage.getItem('rum_api'));
const api = asked || Number(location.port || 80) + 1;
if (asked) sessionStorage.setItem('rum_api', String(asked));
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-api]')) {
  link.href = `${location.protocol}//${location.hostname}:${api}${link.dataset['api']}`;
}

export {};
