import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

/** A file of a build: sizes in bytes, and what of it came from which source, where the builder told. */
export interface Asset {
  readonly name: string;
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
  readonly parts: Readonly<Record<string, number>>;
}

type Parts = Record<string, number>;

interface Stats {
  /** esbuild's metafile */
  readonly outputs?: Record<string, { readonly inputs: Record<string, { readonly bytesInOutput: number }> }>;
  /** webpack's stats */
  readonly assets?: readonly { readonly name: string }[];
  readonly outputPath?: string;
  readonly chunks?: readonly { readonly files: readonly string[]; readonly modules?: readonly { readonly name: string; readonly size: number }[] }[];
  /** rollup's output, as its API gives it */
  readonly output?: readonly {
    readonly fileName: string;
    readonly modules?: Record<string, { readonly renderedLength: number }>;
  }[];
}

const compressed = { gzip: promisify(gzip), brotli: promisify<Buffer, Buffer>((text, done) => brotliCompress(text, done)) };
/** What is beside a build and no part of a page. */
const ASIDE = /(\.(map|gz|br|d\.ts)|(^|\/)\.[^/]*|stats\.json|meta\.json)$/;

async function asset(folder: string, name: string, parts: Parts): Promise<Asset> {
  const text = await readFile(join(folder, name));
  const [packed, tight] = await Promise.all([compressed.gzip(text, { level: 9 }), compressed.brotli(text)]);
  return { name: name.split(sep).join('/'), raw: text.length, gzip: packed.length, brotli: tight.length, parts };
}

/** The files of a build folder. */
export async function assetsOfFolder(folder: string): Promise<Asset[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return Promise.all(names.filter((name) => !ASIDE.test(name)).sort().map((name) => asset(folder, name, {})));
}

/** Files and their parts by a builder's stats, of esbuild, webpack or rollup. */
export function listed(stats: Stats): [name: string, parts: Parts][] {
  if (stats.outputs) {
    return Object.entries(stats.outputs).map(([name, { inputs }]) => [
      name,
      Object.fromEntries(Object.entries(inputs).map(([input, { bytesInOutput }]) => [input, bytesInOutput])),
    ]);
  }
  if (stats.assets) {
    return stats.assets.map(({ name }) => {
      const modules = stats.chunks?.find(({ files }) => files.includes(name))?.modules ?? [];
      return [name, Object.fromEntries(modules.map((module) => [module.name, module.size]))];
    });
  }
  if (stats.output) {
    return stats.output.map(({ fileName, modules = {} }) => [
      fileName,
      Object.fromEntries(Object.entries(modules).map(([name, { renderedLength }]) => [name, renderedLength])),
    ]);
  }
  throw new Error('neither esbuild\'s metafile ("outputs"), webpack\'s stats ("assets") nor rollup\'s output ("output")');
}

/** The files that a stats file names; they lie where the builder says, or beside it. */
export async function assetsOfStats(path: string): Promise<Asset[]> {
  const stats = JSON.parse(await readFile(path, 'utf8')) as Stats;
  // esbuild names files as seen from where it ran, the others as seen from their output folder.
  const folder = stats.outputs ? process.cwd() : resolve(stats.outputPath ?? dirname(path));
  const files = listed(stats).filter(([name]) => !ASIDE.test(name));
  return Promise.all(files.map(([name, parts]) => asset(folder, name, parts)));
}
