// What @clickhouse/client gets from the URL given: one JSON line on stdout, judged by test_clickhouse_front_node.py.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../browser/package.json', import.meta.url));
const { createClient, ClickHouseError, ClickHouseLogLevel } = require('@clickhouse/client');

const [url, packed] = process.argv.slice(2);
const client = createClient({
  url,
  username: 'u',
  password: 'p',
  compression: { request: packed === 'packed', response: packed === 'packed' },
  log: { level: ClickHouseLogLevel.OFF },
});

/** Code and name of the exception that `work` ends with. */
async function failure(work) {
  try {
    await work();
  } catch (error) {
    return { known: error instanceof ClickHouseError, code: error.code, type: error.type };
  }
  return null;
}

/** Rows of an answer, read as they come. */
async function streamed(query) {
  const answer = await client.query({ query, format: 'JSONEachRow' });
  let rows = 0;
  for await (const batch of answer.stream()) rows += batch.length;
  return rows;
}

const rows = async (options) => (await client.query({ format: 'JSONEachRow', ...options })).json();

const seen = { ping: await client.ping(), selects: await client.ping({ select: true }) };
await client.command({ query: 'CREATE OR REPLACE TABLE default.node (a UInt32, b String) ENGINE = MergeTree ORDER BY a' });
const values = [{ a: 1, b: "it's é\n" }, { a: 2, b: '' }];
seen.written = (await client.insert({ table: 'default.node', values, format: 'JSONEachRow' })).summary?.written_rows;
seen.read = await rows({ query: 'SELECT * FROM default.node WHERE a >= {n:UInt32} ORDER BY a', query_params: { n: 1 } });
seen.parameters = await rows({
  query: 'SELECT {s:String} AS s, {l:Array(UInt8)} AS l',
  query_params: { s: "it's\n\\t", l: [1, 2] },
});
seen.setting = await rows({ query: "SELECT getSetting('max_threads') AS n", clickhouse_settings: { max_threads: 3 } });
seen.json = (await (await client.query({ query: 'SELECT 1 AS x' })).json()).data;
seen.streamed = await streamed('SELECT number FROM numbers(300000)');
seen.unknown = await failure(() => rows({ query: 'SELECT * FROM nosuch' }));
seen.broken = await failure(() => streamed('SELECT throwIf(number = 900000) FROM numbers(2000000)'));
await client.close();
console.log(JSON.stringify(seen));
