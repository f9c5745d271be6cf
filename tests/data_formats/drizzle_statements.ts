// Counts the statements of written query functions: node drizzle_statements.ts <folder> <tenant> <function>...
// <folder> is postgres or sqlite; of SQLite the file is rows.db beside it. Each is asked for two pages of 5 and of 50.
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

const [folder, tenantId, ...names] = process.argv.slice(2) as [string, string, ...string[]];
const at = (...parts: string[]) => import(pathToFileURL(path.join(...parts)).href);
const orm = (file: string) => at(process.env.NODE_HOME!, "node_modules/drizzle-orm", file);
const schema = await at(folder, "schema.ts");
const queries = await at(folder, "queries.ts");
const statements: { query: string; params: unknown[] }[] = [];
const logger = { logQuery: (query: string, params: unknown[]) => void statements.push({ query, params }) };
let close = async () => {};

async function postgres() {
  const pg = await at(process.env.NODE_HOME!, "node_modules/pg/esm/index.mjs");
  const pool = new pg.Pool();
  close = () => pool.end();
  return (await orm("node-postgres/index.js")).drizzle({ client: pool, schema, logger });
}

async function sqlite() {
  const database = new DatabaseSync(path.join(folder, "rows.db"));
  const all = async (query: string, params: never[]) => {
    const statement = database.prepare(query);
    statement.setReturnArrays(true);
    return { rows: statement.all(...params) };
  };
  return (await orm("sqlite-proxy/index.js")).drizzle(all, { schema, logger });
}

const db = await (path.basename(folder) === "sqlite" ? sqlite() : postgres());
const found = [];
for (const name of names) {
  for (const limit of [5, 50]) {
    statements.length = 0;
    const first = await queries[name](db, { limit, tenantId });
    const count = statements.length;
    const { createdAt, id } = first.rows.at(-1);
    const second = await queries[name](db, { limit, tenantId, after: { createdAt, id } });
    found.push({ statements: count, list: statements[0], next: statements.at(-1), first, second });
  }
}
console.log(JSON.stringify(found));
await close();
