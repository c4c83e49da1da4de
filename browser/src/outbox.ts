import type { Beacon } from './wire.js';

/** Most beacons that wait to be tried again. */
const WAITING = 20;

/** What a fetch that was never answered counts as; status 503 and 429 ask for another attempt, too. */
const AGAIN = [0, 429, 503];

/**
 * Hands beacons to the browser, to be delivered even after the page is gone.
 *
 * A string goes as text/plain, which needs no CORS preflight. `sendBeacon` refuses when 64 KiB are already on
 * their way; `fetch` with keepalive shares that budget, but is there where `sendBeacon` is blocked or missing.
 * A beacon that did not go is tried again under its own id, so that the collector counts it once.
 */
export class Outbox {
  private waiting: Beacon[] = [];

  constructor(
    private readonly endpoint: string,
    private readonly dropped: (reason: string, events: number) => void,
  ) {}

  /** Send a beacon, stamped with the time of this attempt. */
  send(beacon: Beacon): void {
    beacon.sent_at = Date.now();
    const body = JSON.stringify(beacon);
    try {
      if (navigator.sendBeacon(this.endpoint, body)) return;
    } catch {
      // Blocked by a policy or an extension: the next way is tried.
    }
    fetch(this.endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' }).then(
      (answer) => this.answered(beacon, answer.status),
      () => this.answered(beacon, 0),
    );
  }

  /** Send again what did not go. */
  retry(): void {
    for (const beacon of this.waiting.splice(0)) this.send(beacon);
  }

  private answered(beacon: Beacon, status: number): void {
    if (status >= 200 && status < 300) return;
    if (!AGAIN.includes(status)) this.dropped('refused', beacon.events.length);
    else if (this.waiting.length >= WAITING) this.dropped('undelivered', beacon.events.length);
    else this.waiting.push(beacon);
  }
}
