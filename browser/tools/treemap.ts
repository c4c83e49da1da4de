import type { Asset } from './assets.js';
import { shown } from './report.js';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Item {
  readonly name: string;
  readonly bytes: number;
  readonly parts: readonly Item[];
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Boxes for sizes within a box, each about as wide as high: halves of equal weight, cut across the longer side. */
export function layOut(sizes: readonly number[], { x, y, w, h }: Box): Box[] {
  if (sizes.length <= 1) return sizes.map(() => ({ x, y, w, h }));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let [cut, first] = [1, sizes[0]!];
  while (cut < sizes.length - 1 && first + sizes[cut]! / 2 <= total / 2) first += sizes[cut++]!;
  const share = total ? first / total : 0.5;
  const wide = w >= h;
  const one = wide ? { x, y, w: w * share, h } : { x, y, w, h: h * share };
  const other = wide ? { x: x + one.w, y, w: w - one.w, h } : { x, y: y + one.h, w, h: h - one.h };
  return [...layOut(sizes.slice(0, cut), one), ...layOut(sizes.slice(cut), other)];
}

function drawn(items: readonly Item[], box: Box, depth: number): string {
  const sorted = [...items].filter(({ bytes }) => bytes > 0).sort((one, other) => other.bytes - one.bytes);
  const boxes = layOut(sorted.map(({ bytes }) => bytes), box);
  const cells = sorted.map(({ name, bytes, parts }, n) => {
    const { x, y, w, h } = boxes[n]!;
    const label = escaped(`${name} · ${shown(bytes)}`);
    const inner = parts.length ? drawn(parts, { x: x + 3, y: y + 18, w: Math.max(w - 6, 0), h: Math.max(h - 21, 0) }, depth + 1) : '';
    const place = `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${w.toFixed(1)}px;height:${h.toFixed(1)}px`;
    return `<div class="d${depth}" style="${place}" title="${label}">${label}</div>${inner}`;
  });
  return cells.join('\n');
}

/** A page that shows files, and their parts where the builder told of them, as boxes of their size (raw bytes). */
export function treemapOf(assets: readonly Asset[]): string {
  const items = assets.map(({ name, raw, parts }) => ({
    name,
    bytes: raw,
    parts: Object.entries(parts).map(([part, bytes]) => ({ name: part, bytes, parts: [] })),
  }));
  const total = assets.reduce((sum, { raw }) => sum + raw, 0);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Bundle: ${shown(total)}</title>
<style>
  body { margin: 1rem; font: 14px/1.4 system-ui, sans-serif; color: #1d2329; background: #fbfaf7; }
  main { position: relative; width: 1200px; height: 720px; }
  div { position: absolute; box-sizing: border-box; overflow: hidden; padding: 0 .3rem; border: 1px solid #fbfaf7; white-space: nowrap; text-overflow: ellipsis; font-size: 12px; }
  .d0 { background: #cfe3e4; } .d1 { background: #9cc7c9; }
</style>
<h1>${assets.length} files, ${shown(total)}</h1>
<main>
${drawn(items, { x: 0, y: 0, w: 1200, h: 720 }, 0)}
</main></html>
`;
}
