import type { Figures } from './figures.js';

/** The medians of a page, and how they were come by. */
export interface Lab {
  readonly url: string;
  readonly runs: number;
  readonly lighthouse: string;
  readonly figures: Figures;
}

const VITALS = ['FCP', 'LCP', 'TBT', 'CLS'];

/**
 * The batch of `/api/v1/rum` that tells a page's medians: a page view with the score, and its vitals.
 * The batch has no field for `source`, so what keeps lab and field apart is the environment `lab` and the attribute `source`.
 * `ids` gives a new id at each call; `now` is ms since the epoch.
 */
export function batchOf({ url, runs, lighthouse, figures }: Lab, key: string, now: number, ids: () => string): object {
  const view = { view_id: ids(), url, navigation_type: 'navigate', started_at: now };
  const told = { source: 'lab', runs, lighthouse };
  return {
    v: 1,
    ...(key ? { key } : {}),
    beacon_id: ids(),
    session_id: ids(),
    seq: 0,
    sent_at: now,
    session_start: now,
    sample_rate: 1,
    dropped: {},
    environment: 'lab',
    views: [view],
    events: [
      { t: now, k: 'view', view: 0, a: { ...told, score: figures['score'] } },
      ...VITALS.map((name) => ({ t: now, k: 'vital', n: name, v: figures[name], id: ids(), view: 0, a: told })),
    ],
  };
}
