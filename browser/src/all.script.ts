/** `rum-all.js`: the core and every collector for a script tag. `data-gtag` passes vitals on to Google's tag. */
import { all } from './all.js';
import { gtag } from './gtag.js';
import { init } from './index.js';
import { start } from './script.js';

const { traceOrigins, gtag: wanted } = document.currentScript?.dataset ?? {};
start(init, { collectors: [...all(traceOrigins?.split(' ')), ...(wanted === undefined ? [] : [gtag()])] });
