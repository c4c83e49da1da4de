import { budgetOf } from './budget.js';
import type { Collector } from './rum.js';
import { bare } from './scrub.js';
import { randomHex } from './wire.js';

/** Most requests that a page view tells. */
const PER_VIEW = 200;

/** Which requests carry a trace context. */
export interface RequestOptions {
  /** Origins that are given the `traceparent` header, `https://api.example.com`; other ones may refuse it (CORS). */
  traceOrigins?: readonly string[];
}

interface Underway {
  readonly method: string;
  readonly url: string;
  readonly begun: number;
  readonly trace: string | undefined;
}

/**
 * Requests by `fetch` and XMLHttpRequest: method, address, status, and the time to the answer's head (fetch) or to
 * its end (XMLHttpRequest). Those to an allowed origin carry a W3C trace context, whose trace id the event keeps.
 */
export const requests =
  ({ traceOrigins = [] }: RequestOptions = {}): Collector =>
  (rum) => {
    const room = budgetOf(rum, PER_VIEW, 'requests_per_view');
    const ours = [bare(rum.endpoint), bare(rum.endpoint.replace(/rum$/, 'alerts'))];

    const begin = (method: string, address: string): Underway | undefined => {
      const url = bare(address);
      if (!url || ours.includes(url)) return undefined;
      const traced = traceOrigins.includes(new URL(address, location.href).origin);
      return { method: method.toUpperCase(), url, begun: performance.now(), trace: traced ? randomHex() : undefined };
    };
    const traceparent = (trace: string): string => `00-${trace}-${randomHex(8)}-0${rum.kept() ? 1 : 0}`;
    const end = rum.safe((of: Underway, status: number, failure?: string) => {
      if (!room()) return;
      const { method, url, begun, trace } = of;
      const told = new URL(url, location.href);
      // The path is the name: the collector makes an endpoint's template of it.
      const n = told.origin === location.origin ? told.pathname : url;
      const t = Math.round(performance.timeOrigin + begun);
      rum.note({
        k: 'request',
        n,
        v: performance.now() - begun,
        t,
        a: { url, method, status, failure, trace_id: trace },
      });
    });

    const attempt = <T>(fn: () => T): T | undefined => {
      let made: T | undefined;
      rum.safe(() => (made = fn()))();
      return made;
    };
    watchFetch();
    watchXhr();

    function watchFetch(): void {
      const original = window.fetch;
      window.fetch = function (this: unknown, ...given: Parameters<typeof fetch>) {
        const [input, init] = given;
        const request = input instanceof Request ? input : undefined;
        const of = attempt(() => begin(init?.method ?? request?.method ?? 'GET', request?.url ?? String(input)));
        if (!of) return original.apply(this as Window, given);
        const { trace } = of;
        if (trace) {
          attempt(() => {
            const headers = new Headers(init?.headers ?? request?.headers);
            if (!headers.has('traceparent')) headers.set('traceparent', traceparent(trace));
            given[1] = { ...init, headers };
          });
        }
        // The page gets the promise that goes on from ours, so that a rejection nobody handles is still told of.
        return original.apply(this as Window, given).then(
          (answer) => {
            end(of, answer.status);
            return answer;
          },
          (error: unknown) => {
            end(of, 0, (error as Error | undefined)?.name === 'AbortError' ? 'abort' : 'network');
            throw error;
          },
        );
      };
    }

    function watchXhr(): void {
      const prototype = XMLHttpRequest.prototype;
      const { open, send } = prototype;
      const opened = new WeakMap<XMLHttpRequest, [method: string, url: string]>();
      prototype.open = function (this: XMLHttpRequest, ...given: unknown[]) {
        attempt(() => opened.set(this, [String(given[0]), String(given[1])]));
        return open.apply(this, given as Parameters<typeof open>);
      } as typeof open;
      prototype.send = function (this: XMLHttpRequest, body) {
        attempt(() => {
          const of = begin(...(opened.get(this) ?? ['', '']));
          if (!of) return;
          if (of.trace) this.setRequestHeader('traceparent', traceparent(of.trace));
          let failure: string | undefined;
          for (const kind of ['abort', 'timeout', 'error']) {
            this.addEventListener(kind, () => (failure = kind === 'error' ? 'network' : kind), { once: true });
          }
          this.addEventListener('loadend', () => end(of, this.status, failure), { once: true });
        });
        return send.call(this, body);
      };
    }
  };
