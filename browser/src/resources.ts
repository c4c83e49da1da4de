import { budgetOf } from './budget.js';
import type { Collector } from './rum.js';
import { bare } from './scrub.js';

/** Most resources that a page view tells. */
const PER_VIEW = 200;

type Timing = PerformanceResourceTiming & { responseStatus?: number; renderBlockingStatus?: string };

/** What the page loaded: scripts, styles, images, fonts …; `fetch` and XMLHttpRequest are told by `requests`. */
export const resources = (): Collector => (rum) => {
  const room = budgetOf(rum, PER_VIEW, 'resources_per_view');
  const own = bare(rum.endpoint);
  const observer = new PerformanceObserver(
    rum.safe((list: PerformanceObserverEntryList) => {
      for (const entry of list.getEntries() as Timing[]) {
        const { initiatorType: n, duration: v, transferSize: size, decodedBodySize: decoded } = entry;
        const url = bare(entry.name);
        if (n === 'fetch' || n === 'xmlhttprequest' || url === own || !room()) continue;
        rum.note({
          k: 'resource',
          n,
          v,
          t: Math.round(performance.timeOrigin + entry.startTime),
          a: {
            url,
            size,
            decoded,
            // Without Timing-Allow-Origin all sizes are zero: then nobody knows.
            cached: decoded > 0 ? size === 0 : undefined,
            blocking: entry.renderBlockingStatus === 'blocking' || undefined,
            status: entry.responseStatus || undefined,
            protocol: entry.nextHopProtocol || undefined,
          },
        });
      }
    }),
  );
  observer.observe({ type: 'resource', buffered: true });
};
