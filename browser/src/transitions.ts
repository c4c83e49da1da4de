import type { Dated, Rum } from './rum.js';
import { bare } from './scrub.js';
import type { View } from './wire.js';
import { viewOf } from './view.js';

/** Most page views that late reports are matched with. */
const VIEWS_KNOWN = 10;
const SOFT = 'soft-navigation';

/** How route changes are told. */
export interface TransitionOptions {
  /** Over so many ms a transition is flagged as slow (1,000). */
  slowMs?: number;
}

/** Route changes within a page: each is a page view of its own, and a `navigation` event when it is done. */
export interface Transitions {
  /** The visitor has asked for another route. */
  begin(): void;
  /** Whether the page has another address than when it arrived; query and fragment do not count. */
  moved(): boolean;
  /** If it has, another page view is shown, and the transition before this one has ended. */
  arrive(route?: string): void;
  /** The new route is there. */
  end(at?: number): void;
}

/** The route changes of a page, told to `rum`. */
export function transitionsOf(rum: Rum, { slowMs = 1_000 }: TransitionOptions = {}): Transitions {
  let asked: number | undefined;
  let open: { view: View; begun: number; from: string } | undefined;
  let address = bare(location.href);
  const views: { view: View; begun: number }[] = [];

  const remember = (view: View, begun: number): void => {
    views.push({ view, begun });
    if (views.length > VIEWS_KNOWN) views.shift();
  };
  const end = (at = performance.now()): void => {
    asked = undefined;
    if (!open) return;
    const { view, begun, from } = open;
    open = undefined;
    const v = Math.max(at - begun, 0);
    rum.note({ k: 'navigation', n: 'route', v, a: { from, to: view.url, slow: v > slowMs } }, view);
  };

  // The browser dates a soft navigation from the click, which is before the address changes.
  rum.viewFor = ({ navigationType, navigationStartTime: begun = 0 }: Dated) =>
    navigationType === SOFT
      ? (views.find((known) => known.begun >= begun - 1)?.view ?? rum.view())
      : ([...hard].reverse().find((known) => known.begun <= begun + 1)?.view ?? rum.view());
  const hard = [{ view: rum.view(), begun: 0 }];
  addEventListener(
    'pageshow',
    rum.safe(({ persisted, timeStamp }: PageTransitionEvent) => {
      // The client's own listener comes first: the restored page view is shown already.
      if (persisted && hard.push({ view: rum.view(), begun: timeStamp }) > VIEWS_KNOWN) hard.shift();
    }),
    true,
  );

  return {
    begin() {
      asked = performance.now();
    },
    moved: () => bare(location.href) !== address,
    arrive(route) {
      const from = address;
      address = bare(location.href);
      if (address === from) return;
      const begun = asked ?? performance.now();
      end();
      const view = viewOf(SOFT, Math.round(performance.timeOrigin + begun), route, from);
      remember(view, begun);
      open = { view, begun, from };
      rum.show(view);
    },
    end,
  };
}
