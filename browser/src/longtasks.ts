import { budgetOf } from './budget.js';
import type { Collector } from './rum.js';
import { bare } from './scrub.js';
import { cut, type Attrs } from './wire.js';

/** Most long tasks that a page view tells. */
const PER_VIEW = 50;
/** What of a task is over this blocks (web.dev/articles/tbt). */
const BLOCKING_MS = 50;
/** A page is taken as interactive when no long task has come for so long. */
const QUIET_MS = 5_000;

interface Script {
  readonly sourceURL: string;
  readonly sourceFunctionName: string;
  readonly invoker: string;
  readonly duration: number;
}

type Frame = PerformanceEntry & {
  readonly blockingDuration: number;
  readonly renderStart: number;
  readonly scripts: readonly Script[];
};

/** What a long animation frame was spent on: its longest script. */
function attributesOf(frame: Frame): Attrs {
  const [worst] = [...frame.scripts].sort((one, other) => other.duration - one.duration);
  return {
    blocking: frame.blockingDuration,
    render: frame.renderStart ? frame.startTime + frame.duration - frame.renderStart : 0,
    scripts: frame.scripts.length,
    source: worst && bare(worst.sourceURL),
    function: worst && cut(worst.sourceFunctionName),
    invoker: worst && (/^https?:/.test(worst.invoker) ? bare(worst.invoker) : cut(worst.invoker)),
  };
}

/**
 * Long animation frames, or long tasks where the browser has none, and the total blocking time of the load: what
 * long tasks took over 50 ms from first contentful paint until five quiet seconds, or until the page is hidden.
 */
export const longtasks = (): Collector => (rum) => {
  const types = PerformanceObserver.supportedEntryTypes;
  const frames = types.includes('long-animation-frame');
  if (!frames && !types.includes('longtask')) return;
  const room = budgetOf(rum, PER_VIEW, 'longtasks_per_view');
  const loaded = rum.view();
  const tasks: PerformanceEntry[] = [];
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let told = false;

  const tell = rum.safe(() => {
    const [painted] = performance.getEntriesByName('first-contentful-paint');
    if (told || !painted) return;
    told = true;
    let blocked = 0;
    for (const { startTime, duration } of tasks) {
      const end = startTime + duration;
      blocked += Math.max(0, end - Math.max(startTime, painted.startTime) - BLOCKING_MS);
    }
    rum.note({ k: 'vital', n: 'TBT', v: blocked, id: `tbt-${loaded.view_id}` }, loaded);
  });
  const wait = (): void => {
    clearTimeout(quiet);
    if (!told) quiet = setTimeout(tell, QUIET_MS);
  };
  const observe = (type: string, fn: (entry: PerformanceEntry) => void): void => {
    const each = rum.safe((list: PerformanceObserverEntryList) => list.getEntries().forEach(fn));
    new PerformanceObserver(each).observe({ type, buffered: true });
  };
  observe('longtask', (entry) => {
    if (!told) tasks.push(entry);
    wait();
    if (!frames && room()) note(entry, {});
  });
  if (frames) observe('long-animation-frame', (entry) => room() && note(entry, attributesOf(entry as Frame)));
  if (document.readyState === 'complete') wait();
  else addEventListener('load', rum.safe(wait), { once: true });
  const leave = (): void => {
    if (document.hidden) tell();
  };
  addEventListener('visibilitychange', leave, true);

  function note({ entryType: n, duration: v, startTime }: PerformanceEntry, a: Attrs): void {
    rum.note({ k: 'longtask', n, v, t: Math.round(performance.timeOrigin + startTime), a });
  }
};
