import type { Collector } from './rum.js';
import type { RumEvent, View } from './wire.js';

/** What the page says to `init`. */
export interface Options {
  /** Where beacons go; by default `/api/v1/rum` of the page's own host. */
  endpoint?: string | undefined;
  /** The site's key; without one the collector's default site. */
  key?: string | undefined;
  /** Share of sessions that are measured, in (0, 1]; anything else is taken as 1. */
  sampleRate?: number | undefined;
  /** Who the visitor is to the site; the collector keeps only a hash of it. */
  userId?: string | undefined;
  release?: string | undefined;
  environment?: string | undefined;
  /** Name of the page's route; without one the collector makes it from the path. */
  route?: string | undefined;
  /** What is measured besides page views and web vitals. */
  collectors?: readonly Collector[];
  /** False: nothing is stored, read or sent until `consent(true)`. */
  consent?: boolean;
  /** False: Do Not Track and Global Privacy Control are not heeded. */
  heedPrivacySignals?: boolean;
  /** Change an event, or leave it out by returning nothing. Called before the event is kept anywhere. */
  beforeSend?: (event: RumEvent, view: Readonly<View>) => RumEvent | null | undefined | false;
  /** A beacon is closed at this many events (10), */
  flushEvents?: number | undefined;
  /** or when its first event has waited this long (30,000 ms). */
  flushMs?: number | undefined;
}
