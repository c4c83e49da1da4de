import type { Options } from './options.js';
import { outboxOf } from './outbox.js';
import { queueOf } from './queue.js';
import type { Collector, Measured, Rum } from './rum.js';
import { sessionsOf, type Session } from './session.js';
import { storeOf } from './store.js';
import { navigationType, viewOf } from './view.js';
import { cut, randomHex, type Attrs, type View } from './wire.js';

/** A measurement as it stands. */
export interface MetricNow {
  readonly value: number;
  readonly id: string;
}

/** What the page may call. Nothing of it throws. */
export interface Client {
  /** Note an event of the page's own. `duration` (ms) becomes its value; texts, numbers and booleans its attributes. */
  track(type: string, data?: Record<string, unknown>): void;
  /** The vitals of the shown page view as they stand, by name. */
  getMetrics(): Record<string, MetricNow>;
  /** Send what waits now. */
  flush(): void;
  /** Who the visitor is, for the beacons to come; the collector keeps only a hash. Undefined: nobody. */
  setUser(id?: string): void;
  /** The shown page view's route, for the beacons to come. */
  setRoute(route: string): void;
  /** The visitor's answer. No: everything is forgotten, nothing more is measured. */
  consent(given: boolean): void;
}

interface Signals {
  readonly globalPrivacyControl?: boolean;
  readonly doNotTrack?: string | null;
}

/** Whether the visitor's browser asks not to be tracked. */
const objects = ({ globalPrivacyControl, doNotTrack }: Signals): boolean => !!globalPrivacyControl || doNotTrack === '1';

/**
 * The client of a page: events in, beacons out. It starts to measure at once, or when the page is shown if that is
 * rendered ahead of time. Nothing it does throws into the page.
 */
export function clientOf(options: Options, vitals: Collector): Client & Rum {
  const { endpoint = '/api/v1/rum', flushEvents = 10, flushMs = 30_000, beforeSend } = options;
  const rate = Number(options.sampleRate ?? 1);
  /** Undefined: not yet asked for. */
  let consented = options.consent === false ? undefined : true;
  const off = options.heedPrivacySignals !== false && objects(navigator as Signals);
  let user = options.userId;
  let view: View;
  let session: Session;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leaving = false;
  let metrics: Record<string, MetricNow> = {};
  const allowed = (): boolean => !!consented;
  const sessions = sessionsOf(storeOf(() => sessionStorage, allowed), rate > 0 && rate < 1 ? rate : 1, Math.random);
  const queue = queueOf();

  const touch = (): Session => sessions.touch(Date.now());
  const drop = (reason: string, events = 1): void =>
    sessions.change(touch(), ({ lost }) => void (lost[reason] = (lost[reason] ?? 0) + events));
  const safe: Rum['safe'] =
    (fn) =>
    (...args) => {
      try {
        fn(...args);
      } catch {
        // The page comes first; the next beacon tells of it.
        if (fn !== lost) safe(lost)();
      }
    };
  const lost = (): void => drop('sdk_error');
  const outbox = outboxOf(endpoint, storeOf(() => localStorage, allowed), drop);
  const tell = (name: string, detail: unknown): boolean => dispatchEvent(new CustomEvent(`rumstream:${name}`, { detail }));
  const hidden = (): boolean => leaving || document.hidden;

  const close = (): void => {
    let [seq, dropped]: [number, Session['lost']] = [0, {}];
    sessions.change(session, (now) => {
      seq = now.seq++;
      dropped = now.lost;
      now.lost = {};
    });
    const id = randomHex();
    const [rest, events] = queue.take({
      v: 1,
      key: options.key,
      beacon_id: id,
      seq,
      session_id: session.id,
      session_start: session.start,
      sample_rate: session.rate,
      dropped,
      release: options.release,
      environment: options.environment,
      user_id: user,
    });
    outbox.send({ id, at: Date.now(), events, rest }, hidden());
    tell('beacon', { beacon_id: id, seq, events });
  };
  const flush = safe(() => {
    clearTimeout(timer);
    timer = undefined;
    while (consented && queue.size()) close();
  });

  const note = (measured: Measured, of: View | undefined = view): void => {
    if (!of || consented === false) return; // a page that is not shown yet is not measured
    const { k, n, v: value, id } = measured;
    let event: ReturnType<NonNullable<Options['beforeSend']>> = { t: Date.now(), ...measured, n: cut(n) };
    if (!Number.isFinite(value)) delete event.v; // as JSON it would be a null
    if (beforeSend) event = beforeSend(event, of);
    if (!event) return drop('before_send');
    if (k === 'vital' && of === view) metrics[n] = { value: value!, id: id! };
    tell('event', { ...event, view: of });
    const next = touch();
    if (session?.id !== next.id) flush(); // a beacon is of one session
    session = next;
    if (!session.kept) return;
    const reason = queue.push(of, event);
    if (reason) return drop(reason);
    // A burst goes together: a full beacon is closed when the page has had its turn.
    const full = queue.size() >= flushEvents;
    if (hidden()) queueMicrotask(flush);
    else if (full || !timer) {
      clearTimeout(timer);
      timer = setTimeout(flush, full ? 0 : flushMs);
    }
  };

  const rum: Client & Rum = {
    endpoint,
    key: options.key,
    safe,
    drop,
    flush,
    note: safe(note),
    view: () => view,
    kept: () => allowed() && touch().kept,
    show(next) {
      view = next;
      metrics = {};
      rum.note({ t: view.started_at, k: 'view', n: 'page_view', id: view.view_id });
    },
    track: safe((type: string, data: Record<string, unknown> = {}) => {
      const a: Attrs = {};
      for (const name in data) if (typeof data[name] !== 'object') a[name] = data[name] as string;
      note({ k: 'custom', n: type, v: data['duration'] as number, a });
    }),
    consent: safe((given: boolean) => {
      if (off || given === consented) return;
      consented = given;
      if (given) {
        session = touch(); // an earlier page may have left one
        outbox.adopt(Date.now());
      }
      if (!given || !session.kept) queue.clear();
      if (given) return flush();
      outbox.clear();
      sessions.clear();
    }),
    setUser: (id) => void (user = id),
    setRoute: (route) => void (view && (view.route = cut(route))),
    getMetrics: () => ({ ...metrics }),
  };

  const start = safe(() => {
    // Before web-vitals' own listener, so that its reports after a restore belong to the new page view.
    addEventListener(
      'pageshow',
      safe(({ persisted }: PageTransitionEvent) => {
        leaving = false;
        if (persisted) rum.show(viewOf('back-forward-cache', Date.now(), options.route));
      }),
      true,
    );
    rum.show(viewOf(navigationType(), Math.round(performance.timeOrigin), options.route));
    for (const collect of options.collectors ?? []) safe(collect)(rum);
    const leave = safe((event: Event) => {
      leaving = event.type === 'pagehide';
      if (!hidden()) return outbox.pump();
      flush();
      if (consented) outbox.keep();
    });
    addEventListener('visibilitychange', leave, true);
    addEventListener('pagehide', leave, true);
    addEventListener('online', safe(() => outbox.pump(true)));
    // In turns of their own, since together they would hold up a slow page. The browser keeps what web-vitals asks for.
    setTimeout(safe(vitals), 0, rum);
    setTimeout(safe(() => consented && outbox.adopt(Date.now())));
  });

  // A page that is rendered ahead of time is a page view only once it is shown.
  if (off) return rum;
  if ((document as Document & { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', start, { once: true });
  } else start();
  return rum;
}
