// Has Prisma validate and drizzle-kit migrate every written schema below a folder; prints how many there were.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder] = process.argv.slice(2);
const require = createRequire(path.join(process.env.NODE_HOME, "package.json"));
const wasm = require("@prisma/prisma-schema-wasm");
const kit = require("drizzle-kit/api");
let count = 0;
for (const name of fs.readdirSync(folder).filter((each) => /^\d+$/.test(each))) {
  const at = (file) => path.join(folder, name, file);
  const schema = fs.readFileSync(at("prisma/schema.prisma"), "utf8");
  wasm.validate(JSON.stringify({ prismaSchema: [["schema.prisma", schema]] }));
  const postgres = await import(pathToFileURL(at("postgres/schema.ts")).href);
  await kit.generateMigration(kit.generateDrizzleJson({}), kit.generateDrizzleJson(postgres));
  const sqlite = await import(pathToFileURL(at("sqlite/schema.ts")).href);
  const before = await kit.generateSQLiteDrizzleJson({});
  await kit.generateSQLiteMigration(before, await kit.generateSQLiteDrizzleJson(sqlite));
  count += 1;
}
console.log(count);
