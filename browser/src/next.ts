import type { Collector } from './rum.js';
import { transitionsOf, type TransitionOptions } from './transitions.js';

/** What is used of `Router` from `next/router` (the pages router). */
export interface PagesRouter {
  readonly route: string;
  readonly events: { on(name: string, fn: () => void): void };
}

/** Next.js' `/product/[id]` as `/product/:id`; a route group `(shop)` is no part of it. */
export const patternOf = (route: string): string =>
  route.replace(/\/\([^)]*\)/g, '').replace(/\[+(?:\.{3})?([^\]]+)\]+/g, ':$1') || '/';

/** Route changes of Next.js' pages router. Instead of `routes`. */
export const nextPages =
  (router: PagesRouter, options: TransitionOptions = {}): Collector =>
  (rum) => {
    const transitions = transitionsOf(rum, options);
    router.events.on('routeChangeStart', rum.safe(() => transitions.begin()));
    router.events.on('routeChangeError', rum.safe(() => transitions.end()));
    router.events.on(
      'routeChangeComplete',
      rum.safe(() => {
        transitions.arrive(patternOf(router.route));
        requestAnimationFrame(() => transitions.end());
      }),
    );
  };

/**
 * The route of a page of Next.js' app router, of `usePathname()` and `useParams()`: each parameter's value in the
 * path becomes its name. To be told with `setRoute`; the change itself is seen by `routes`.
 */
export function routeOf(path: string, params: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  let route = path;
  for (const [name, value] of Object.entries(params)) {
    const told = typeof value === 'string' ? value : value?.join('/');
    if (told) route = `${route}/`.replace(`/${told}/`, `/:${name}/`).slice(0, -1);
  }
  return route;
}
