import { clientOf, type Client, type MetricNow } from './client.js';
import type { Options } from './options.js';
import type { Collector, Rum } from './rum.js';

let client: (Client & Rum) | undefined;

/** The page's client: what the entry points beside the core share. Undefined before `init`. */
export const running = (): (Client & Rum) | undefined => client;

/** Start the client with these vitals. A page has one: a second `init` changes nothing. */
export const begin = (options: Options, vitals: Collector): Client => (client ||= clientOf(options, vitals));

/** Note an event of the page's own. `duration` (ms) becomes its value; texts, numbers and booleans its attributes. */
export const track: Client['track'] = (type, data) => client?.track(type, data);

/** The vitals of the shown page view as they stand, by name. */
export const getMetrics = (): Record<string, MetricNow> => client?.getMetrics() ?? {};

/** Send what waits now. */
export const flush = (): void => client?.flush();

/** Who the visitor is, for the beacons to come; the collector keeps only a hash. Undefined: nobody. */
export const setUser: Client['setUser'] = (id) => client?.setUser(id);

/** The shown page view's route, for the beacons to come. */
export const setRoute: Client['setRoute'] = (route) => client?.setRoute(route);

/** The visitor's answer. No: everything is forgotten, nothing more is measured. */
export const consent: Client['consent'] = (given) => client?.consent(given);
