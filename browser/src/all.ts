import { errors } from './errors.js';
import { interactions } from './interactions.js';
import { longtasks } from './longtasks.js';
import { memory } from './memory.js';
import { requests } from './requests.js';
import { resources } from './resources.js';
import { routes } from './routes.js';
import { unhurried, type Collector } from './rum.js';
import { visibility } from './visibility.js';

/** Everything that can be measured without a framework. */
export const all = (traceOrigins: readonly string[] = []): Collector[] => [
  errors(),
  unhurried(resources()),
  requests({ traceOrigins }),
  interactions(),
  unhurried(longtasks()),
  visibility(),
  unhurried(memory()),
  routes(),
];
