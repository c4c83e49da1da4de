import { afterEach, beforeEach, vi } from 'vitest';
import { clientOf, type Client } from '../src/client.js';
import type { Options } from '../src/options.js';
import type { Collector, Rum } from '../src/rum.js';
import type { Head, RumEvent, View } from '../src/wire.js';

export const NOW = 1_750_000_000_000;

export type Body = Head & { sent_at: number; views: View[]; events: (RumEvent & { view: number })[] };

/** What was sent, by which way, in the order it went. */
export let sent: (Body & { by: 'fetch' | 'beacon' })[] = [];
/** What `fetch` answers. */
export let status = 204;
export const answerWith = (code: number): void => void (status = code);

let hidden = false;

/** Hide the page or show it again, as the browser does. */
export function show(visible: boolean): void {
  hidden = !visible;
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

type Listening = [type: string, fn: EventListener, options?: boolean | AddEventListenerOptions];
let listening: Listening[] = [];

/** A page for each test: clock, network, storage and listeners of its own. */
export function freshPage(): void {
  const { addEventListener, removeEventListener } = window;
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'queueMicrotask'] });
    [sent, status, hidden, listening] = [[], 204, false, []];
    sessionStorage.clear();
    localStorage.clear();
    history.replaceState(null, '', '/');
    vi.stubGlobal('addEventListener', (...given: Listening) => {
      listening.push(given);
      addEventListener(...given);
    });
    vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
      sent.push({ by: 'fetch', ...(JSON.parse(body) as Body) });
      return new Response(null, { status });
    });
    Object.defineProperty(navigator, 'sendBeacon', {
      value: (_: string, body: string) => sent.push({ by: 'beacon', ...(JSON.parse(body) as Body) }) > 0,
      configurable: true,
    });
    Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible'), configurable: true });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const given of listening) removeEventListener(...given);
    for (const patched of ['pushState', 'replaceState'] as const) delete (history as Partial<History>)[patched];
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}

/** A client of the page, its vitals told by hand: `rum` is what a collector gets. */
export function started(options: Options = {}, ...collectors: Collector[]): Client & Rum {
  return clientOf({ collectors, ...options }, () => undefined);
}

/** The events that were sent, page views left out unless asked for. */
export const events = (kind?: string): RumEvent[] =>
  sent.flatMap((body) => body.events).filter((event) => (kind ? event.k === kind : event.k !== 'view'));
