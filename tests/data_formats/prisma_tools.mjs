// What Prisma itself says of a schema, without its command line: node prisma_tools.mjs <command> <folder>
//   validate  exits with 1 and the message where the schema is not valid
//   ddl       prints the statements that make its tables; asks the server that PGHOST names for its version only
//   generate  writes the client to src/generated/prisma
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [command, folder] = process.argv.slice(2);
const home = process.env.NODE_HOME;
const require = createRequire(path.join(home, "package.json"));
const file = path.join(folder, "prisma/schema.prisma");
const schema = fs.readFileSync(file, "utf8");
const wasm = require("@prisma/prisma-schema-wasm");

function validate() {
  try {
    wasm.validate(JSON.stringify({ prismaSchema: [["schema.prisma", schema]] }));
  } catch (error) {
    console.log(JSON.parse(error.message).message);
    process.exitCode = 1;
  }
}

async function ddl() {
  const at = path.join(home, "node_modules/@prisma/schema-engine-wasm");
  const engine = await import(path.join(at, "schema_engine_bg.js"));
  const compiled = new WebAssembly.Module(fs.readFileSync(path.join(at, "schema_engine_bg.wasm")));
  const instance = new WebAssembly.Instance(compiled, { "./schema_engine_bg.js": engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const { PrismaPg } = require("@prisma/adapter-pg");
  const { bindMigrationAwareSqlAdapterFactory } = require("@prisma/driver-adapter-utils");
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({}));
  const files = [{ path: "schema.prisma", content: schema }];
  const made = await engine.SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, factory);
  const difference = await made.diff({
    from: { tag: "empty" },
    to: { tag: "schemaDatamodel", files, configDir: folder },
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  console.log(difference.stdout);
  process.exit(0); // the engine keeps its connection
}

async function generate() {
  const { PrismaClientTsGenerator } = require("@prisma/client-generator-ts");
  const dmmf = JSON.parse(wasm.get_dmmf(JSON.stringify({ prismaSchema: schema, noColor: true })));
  const found = JSON.parse(wasm.get_config(JSON.stringify({ prismaSchema: schema, datasourceOverrides: {}, env: {} })));
  const config = found.config ?? found;
  const generator = config.generators[0];
  generator.output = { value: path.join(folder, "src/generated/prisma"), fromEnvVar: null };
  await new PrismaClientTsGenerator().generate({
    generator,
    otherGenerators: [],
    schemaPath: file,
    dmmf,
    datasources: config.datasources,
    datamodel: schema,
    version: "0".repeat(40),
    binaryPaths: {},
    postinstall: false,
  });
}

await { validate, ddl, generate }[command]();
