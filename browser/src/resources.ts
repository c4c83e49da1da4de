import type { Attr, Kind } from './wire.js';
import { bare } from './view.js';

/** Most resources and requests a page reports. */
const RESOURCES_PER_PAGE = 200;

type Timing = PerformanceResourceTiming & { responseStatus?: number };
type Report = (kind: Kind, name: string, ms: number, attrs: Record<string, Attr>) => void;

/** Call back with what the page loaded and requested, our own beacons left out. `over`: one beyond the limit. */
export function watchResources(endpoint: string, report: Report, over: () => void): void {
  let seen = 0;
  const own = bare(endpoint);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as Timing[]) {
      const url = bare(entry.name);
      if (url === own) continue;
      seen += 1;
      if (seen > RESOURCES_PER_PAGE) {
        over();
        continue;
      }
      const request = entry.initiatorType === 'fetch' || entry.initiatorType === 'xmlhttprequest';
      report(request ? 'request' : 'resource', request ? new URL(url).pathname : entry.initiatorType, entry.duration, {
        url,
        size: entry.transferSize,
        ...(entry.responseStatus && { status: entry.responseStatus }),
      });
    }
  });
  observer.observe({ type: 'resource', buffered: true });
}
