import type { Collector } from './rum.js';
import { transitionsOf, type TransitionOptions } from './transitions.js';

/** What is used of the router that `createBrowserRouter` of React Router (6.4 and newer) makes. */
export interface DataRouter {
  subscribe(fn: (state: RouterState) => void): unknown;
}

interface RouterState {
  readonly navigation: { readonly state: string };
  readonly matches: readonly { readonly route: { readonly path?: string | undefined } }[];
}

/** The route's pattern: `/product/:id`. */
export const patternOf = ({ matches }: RouterState): string =>
  `/${matches.map(({ route }) => route.path ?? '').join('/')}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

/** Route changes of React Router, from the visitor's click over its loaders to the new page. Instead of `routes`. */
export const reactRouter =
  (router: DataRouter, options: TransitionOptions = {}): Collector =>
  (rum) => {
    const transitions = transitionsOf(rum, options);
    let busy = false;
    router.subscribe(
      rum.safe((state: RouterState) => {
        const idle = state.navigation.state === 'idle';
        if (!idle && !busy) transitions.begin();
        busy = !idle;
        if (!idle) return;
        // The router changes the address in the turn in which it tells of it.
        const arrived = rum.safe(() => {
          transitions.arrive(patternOf(state));
          requestAnimationFrame(() => transitions.end());
        });
        queueMicrotask(arrived);
      }),
    );
  };
