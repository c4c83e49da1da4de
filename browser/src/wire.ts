/** The body of `POST /api/v1/rum`, version 1: what the page views of a beacon share once, then the events. */

export type Kind =
  | 'vital' | 'view' | 'navigation' | 'resource' | 'request' | 'error' | 'action'
  | 'longtask' | 'render' | 'memory' | 'visibility' | 'alert' | 'custom';

/** Attributes of an event: what is undefined is left out; the collector scrubs and bounds them again. */
export type Attrs = Record<string, string | number | boolean | undefined>;

/** A page view. Times are ms since the epoch on the visitor's clock. */
export interface View {
  readonly view_id: string;
  readonly url: string;
  route?: string | undefined;
  readonly referrer?: string | undefined;
  readonly navigation_type: string;
  readonly started_at: number;
}

/** One event: time (ms since the epoch), kind, name, value, id of a measurement that may be reported again, attributes. */
export interface RumEvent {
  t: number;
  k: Kind;
  n: string;
  v?: number | undefined;
  id?: string | undefined;
  a?: Attrs | undefined;
}

/** What a beacon says once for all of its events. `sent_at` is added at each attempt. */
export interface Head {
  v: 1;
  key?: string | undefined;
  beacon_id: string;
  seq: number;
  session_id: string;
  session_start: number;
  sample_rate: number;
  dropped: Record<string, number>;
  release?: string | undefined;
  environment?: string | undefined;
  user_id?: string | undefined;
}

/** Text cut to a length that the collector keeps. */
export const cut = (text: unknown, length = 256): string => String(text).slice(0, length);

/** Bytes of a text as UTF-8. */
export const utf8 = (text: string): number => new TextEncoder().encode(text).length;

/** So many random bytes as hex. Not `randomUUID`, which plain-http pages do not have. */
export const randomHex = (bytes = 16): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => (byte + 256).toString(16).slice(1)).join('');
