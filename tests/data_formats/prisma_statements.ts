// Counts the statements of a written query function: node prisma_statements.ts <folder> <function> <limit> [tenant]
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, name, limit, tenantId] = process.argv.slice(2) as [string, string, string, string | undefined];
const load = (file: string) => import(pathToFileURL(path.join(folder, file)).href);
const { PrismaPg } = await import(pathToFileURL(path.join(process.env.NODE_HOME!, "node_modules/@prisma/adapter-pg/dist/index.mjs")).href);
const { PrismaClient } = await load("src/generated/prisma/client.ts");
const queries = await load("src/queries.ts");
const prisma = new PrismaClient({ adapter: new PrismaPg({}), log: [{ emit: "event", level: "query" }] });
const statements: string[] = [];
prisma.$on("query", (event: { query: string }) => statements.push(event.query));
const first = await queries[name](prisma, { limit: Number(limit), tenantId });
const count = statements.length;
const second = await queries[name](prisma, { limit: Number(limit), tenantId, after: first.rows.at(-1).id });
const text = (_key: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
console.log(JSON.stringify({ statements: count, list: statements[0], first, second }, text));
await prisma.$disconnect();
