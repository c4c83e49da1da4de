/**
 * The core of the browser SDK: sessions, page views, web vitals, errors and resources, sent as beacons.
 *
 * The page can listen on `window` for `rumstream:event` (each event as it is measured) and `rumstream:beacon`
 * (each beacon as it leaves).
 */
import type { MetricType } from 'web-vitals';
import { configOf } from './config.js';
import { watchErrors } from './errors.js';
import { Outbox } from './outbox.js';
import { Queue, type Batch } from './queue.js';
import { watchResources } from './resources.js';
import { nextSeq, touch } from './session.js';
import { loadedView, restoredView } from './view.js';
import { watchVitals } from './vitals.js';
import { cut, randomId, type Attr, type Beacon, type View, type WireEvent } from './wire.js';

const FLUSH_MS = 3_000;

const config = configOf(document.currentScript as HTMLScriptElement | null);
const queue = new Queue();
const outbox = new Outbox(config.endpoint, (reason, events) => queue.drop(reason, events));

const tell = (name: string, detail: unknown): boolean => dispatchEvent(new CustomEvent(`rumstream:${name}`, { detail }));

function record(view: View, event: Omit<WireEvent, 'view'>): void {
  const session = touch(Date.now(), config.sampleRate);
  tell('event', { ...event, navigation_type: view.navigation_type });
  if (!session.kept) return;
  queue.push(session, view, event);
  // The last reports of a page come while it is being hidden, in listeners that may run after ours.
  if (document.visibilityState === 'hidden') queueMicrotask(flush);
}

function beaconOf(batch: Batch): Beacon {
  const views = [...new Set(batch.entries.map((entry) => entry.view))];
  return {
    v: 1,
    ...(config.key && { key: config.key }),
    beacon_id: randomId(),
    seq: nextSeq(batch.session),
    sent_at: 0,
    session_id: batch.session.id,
    session_start: batch.session.start,
    sample_rate: config.sampleRate,
    dropped: batch.dropped,
    release: config.release,
    environment: config.environment,
    views,
    events: batch.entries.map(({ view, event }) => ({ ...event, view: views.indexOf(view) })),
  };
}

function flush(): void {
  outbox.retry();
  for (let batch = queue.take(); batch; batch = queue.take()) {
    const beacon = beaconOf(batch);
    outbox.send(beacon);
    tell('beacon', { beacon_id: beacon.beacon_id, events: beacon.events.length });
  }
}

function start(): void {
  let view = loadedView(config.route);
  const viewed = (): void => record(view, { t: view.started_at, k: 'view', n: 'page_view', id: view.view_id });
  const note = (event: Omit<WireEvent, 'view' | 't'>): void => record(view, { t: Date.now(), ...event });
  const over = (reason: string) => (): void => queue.drop(reason);

  // Before web-vitals' own listener, so that its reports after a restore belong to the new page view.
  addEventListener(
    'pageshow',
    (event) => {
      if (!event.persisted) return;
      view = restoredView(config.route, Date.now());
      viewed();
    },
    true,
  );
  viewed();
  watchVitals((metric: MetricType) => note({ k: 'vital', n: metric.name, v: metric.value, id: metric.id }));
  watchErrors((n: string, a: Record<string, Attr>) => note({ k: 'error', n, a }), over('errors_per_page'));
  watchResources(
    config.endpoint,
    (k, n, v, a) => note({ k, n: cut(n), v, a }),
    over('resources_per_page'),
  );
  addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());
  addEventListener('pagehide', flush);
  setInterval(flush, FLUSH_MS);
}

// A page that is rendered ahead of time is a page view only once it is shown.
if ((document as Document & { prerendering?: boolean }).prerendering) {
  document.addEventListener('prerenderingchange', start, { once: true });
} else {
  start();
}
