/** The body of `POST /api/v1/rum`, version 1: what the page views of a beacon share once, then the events. */

export type Kind = 'vital' | 'view' | 'error' | 'resource' | 'request' | 'visibility' | 'custom';

/** An attribute of an event; the collector scrubs and bounds them again. */
export type Attr = string | number | boolean;

/** A page view. Times are ms since the epoch on the visitor's clock. */
export interface View {
  view_id: string;
  url: string;
  route?: string;
  referrer?: string;
  navigation_type: string;
  started_at: number;
}

/** One event: time, kind, name, value, the id of a measurement that may be reported again, page view, attributes. */
export interface WireEvent {
  t: number;
  k: Kind;
  n: string;
  v?: number;
  id?: string;
  view: number;
  a?: Record<string, Attr>;
}

/** One beacon. `sent_at` is the visitor's clock at this attempt, so that the collector can correct it. */
export interface Beacon {
  v: 1;
  key?: string;
  beacon_id: string;
  seq: number;
  sent_at: number;
  session_id: string;
  session_start: number;
  sample_rate: number;
  dropped: Record<string, number>;
  release: string;
  environment: string;
  views: View[];
  events: WireEvent[];
}

/** Text cut to a length that the collector keeps. */
export const cut = (text: unknown, length = 256): string => String(text).slice(0, length);

/** 128 random bits as hex. Not `randomUUID`, which plain-http pages do not have. */
export function randomId(): string {
  let id = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += byte.toString(16).padStart(2, '0');
  return id;
}
