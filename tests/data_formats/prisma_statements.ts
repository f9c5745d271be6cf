// Counts the statements of written query functions: node prisma_statements.ts <folder> <tenant> <function>...
// Each is asked for two pages of 5 rows and of 50.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, tenantId, ...names] = process.argv.slice(2) as [string, string, ...string[]];
const load = (file: string) => import(pathToFileURL(path.join(folder, file)).href);
const { PrismaPg } = await import(pathToFileURL(path.join(process.env.NODE_HOME!, "node_modules/@prisma/adapter-pg/dist/index.mjs")).href);
const { PrismaClient } = await load("src/generated/prisma/client.ts");
const queries = await load("src/queries.ts");
const prisma = new PrismaClient({ adapter: new PrismaPg({}), log: [{ emit: "event", level: "query" }] });
const statements: string[] = [];
prisma.$on("query", (event: { query: string }) => statements.push(event.query));
const found = [];
for (const name of names) {
  for (const limit of [5, 50]) {
    statements.length = 0;
    const first = await queries[name](prisma, { limit, tenantId });
    const count = statements.length;
    const second = await queries[name](prisma, { limit, tenantId, after: first.rows.at(-1).id });
    found.push({ statements: count, list: statements[0], first, second });
  }
}
const text = (_key: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
console.log(JSON.stringify(found, text));
await prisma.$disconnect();
