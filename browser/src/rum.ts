import type { Attrs, Kind, View } from './wire.js';

/** An event as a collector gives it: the time defaults to now, the undefined is left out. */
export interface Measured {
  k: Kind;
  n: string;
  v?: number | undefined;
  id?: string | undefined;
  t?: number;
  a?: Attrs | undefined;
}

/** What of a web vital tells the page view that it was measured for. */
export interface Dated {
  readonly navigationType: string;
  /** ms since the page's time origin */
  readonly navigationStartTime?: number;
}

/**
 * What a collector may do. Each event, page views too, is told on `window` as `rumstream:event`. A collector that has
 * something to say when the page is hidden or left listens for that itself: its listeners come before the client's.
 */
export interface Rum {
  /** Where beacons go; requests to it are not measured. */
  readonly endpoint: string;
  /** The site's key, for what a collector sends by itself. */
  readonly key: string | undefined;
  /** Whether the session is measured. */
  kept(): boolean;
  /** The page view that is shown. */
  view(): View;
  /** Show another page view. */
  show(view: View): void;
  /** Finds the page view of a vital, set by a collector for which more than one view lives on a page. */
  viewFor?: (vital: Dated) => View;
  /** Note an event, of the shown page view unless told. */
  note(event: Measured, view?: View): void;
  /** Count events that are not sent. */
  drop(reason: string, events?: number): void;
  /** The function with every exception kept from the page; each is counted as a lost event. */
  safe<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void;
}

/** Something that is measured. Called once, when the client starts. */
export type Collector = (rum: Rum) => void;

/** The same in a turn of its own: what the browser keeps from the page's beginning need not be asked for at once. */
export const unhurried =
  (collect: Collector): Collector =>
  (rum) =>
    void setTimeout(rum.safe(collect), 0, rum);

/** What `rumstream:event` tells. */
export type Told = Measured & { readonly t: number; readonly view: View };
