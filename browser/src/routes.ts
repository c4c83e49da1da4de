import type { Collector } from './rum.js';
import { transitionsOf, type TransitionOptions } from './transitions.js';

/** A route is there when nothing on the page has changed for so long, */
const QUIET_MS = 200;
/** or after so long. */
const LONGEST_MS = 10_000;

/** Route changes by the history API, of any router. A change of query or fragment alone is none. */
export const routes =
  (options: TransitionOptions = {}): Collector =>
  (rum) => {
    const transitions = transitionsOf(rum, options);
    let finish: (() => void) | undefined;

    const changed = rum.safe(() => {
      if (!transitions.moved()) return;
      finish?.();
      transitions.arrive();
      watch();
    });
    /** The transition ends with the last change of the page, once there is quiet. */
    const watch = (): void => {
      let last = performance.now();
      let quiet: ReturnType<typeof setTimeout>;
      const observer = new MutationObserver(() => {
        last = performance.now();
        clearTimeout(quiet);
        quiet = setTimeout(done, QUIET_MS);
      });
      const done = rum.safe(() => {
        finish = undefined;
        clearTimeout(quiet);
        clearTimeout(longest);
        observer.disconnect();
        transitions.end(last);
      });
      const longest = setTimeout(done, LONGEST_MS);
      quiet = setTimeout(done, QUIET_MS);
      finish = done;
      observer.observe(document, { subtree: true, childList: true, characterData: true });
    };

    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name];
      history[name] = function (this: History, ...given) {
        original.apply(this, given);
        changed();
      };
    }
    addEventListener('popstate', changed);
    addEventListener('pagehide', () => finish?.(), true);
    addEventListener('visibilitychange', () => document.hidden && finish?.(), true);
  };
