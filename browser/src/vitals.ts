import type { MetricType, ReportOpts } from 'web-vitals';
import type { Collector } from './rum.js';
import { randomHex, type Attrs } from './wire.js';

type On = (report: (metric: MetricType) => void, options: ReportOpts) => void;

/** The numbers of a navigation's timing under the browser's own names, zeros left out. */
function numbersOf(entry: PerformanceEntry): Attrs {
  const told = entry.toJSON() as Record<string, unknown>;
  const numbers: Attrs = {};
  for (const name in told) if ((told[name] as number) > 0) numbers[name] = told[name] as number;
  return numbers;
}

/**
 * The web vitals by Google's `web-vitals` (`every` is its `on*`), first input delay, and the timing of the page load.
 * Each report belongs to the page view that it was measured for, which need not be the one that is shown.
 */
export const vitalsBy =
  (every: readonly unknown[], attributes?: (metric: MetricType) => Attrs): Collector =>
  (rum) => {
    const report = rum.safe((metric: MetricType) => {
      const { name: n, value: v, id, entries: [entry] } = metric;
      const view = rum.viewFor?.(metric);
      rum.note({ k: 'vital', n, v, id, a: attributes?.(metric) }, view);
      // Told once the page has loaded, with the load's own entry; other page views have none.
      if (n === 'TTFB' && entry?.entryType === 'navigation') {
        rum.note({ k: 'navigation', n: 'load', v: entry.duration, a: numbersOf(entry) }, view);
      }
    });
    for (const on of every as On[]) rum.safe(on)(report, { reportSoftNavs: !!rum.viewFor });
    // First input delay is no longer measured by web-vitals, but by some browsers.
    const first = rum.safe((list: PerformanceObserverEntryList) => {
      const [input] = list.getEntries() as PerformanceEventTiming[];
      rum.note({ k: 'vital', n: 'FID', v: input!.processingStart - input!.startTime, id: randomHex() });
    });
    new PerformanceObserver(first).observe({ type: 'first-input', buffered: true });
  };
