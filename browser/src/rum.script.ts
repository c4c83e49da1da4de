/** `rum.js`: the core for a script tag. */
import { init } from './index.js';
import { start } from './script.js';

start(init);
