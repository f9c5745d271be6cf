// Drives the server the way a TypeScript host does, and prints what it met as one JSON object.
//
//   NODE_HOME=<folder with node_modules> node typescript_client.mjs '{"sdk": "v2", "mode": ..., ...}'
//
// sdk: "v1" (@modelcontextprotocol/sdk) or "v2" (@modelcontextprotocol/client)
// mode: v2's version negotiation, "legacy", "auto" or {"pin": "2026-07-28"}
// url, or command and args: a server over HTTP, or over stdio
import { createRequire } from "node:module";

const task = JSON.parse(process.argv[2]);
const require = createRequire(`${process.env.NODE_HOME}/package.json`);

function sdk() {
  if (task.sdk === "v1") {
    const from = (path) => require(`@modelcontextprotocol/sdk/client/${path}.js`);
    return {
      ...from("index"),
      ...from("stdio"),
      ...from("streamableHttp"),
    };
  }
  return { ...require("@modelcontextprotocol/client"), ...require("@modelcontextprotocol/client/stdio") };
}

const { Client, StdioClientTransport, StreamableHTTPClientTransport } = sdk();
const client = new Client(
  { name: "typescript-client", version: "1.0.0" },
  task.sdk === "v2" ? { versionNegotiation: { mode: task.mode } } : {},
);
const transport = task.url
  ? new StreamableHTTPClientTransport(new URL(task.url))
  : new StdioClientTransport({ command: task.command, args: task.args, stderr: "inherit" });
await client.connect(transport);

const progress = [];
const call = (name, args, options) =>
  task.sdk === "v1"
    ? client.callTool({ name, arguments: args }, undefined, options)
    : client.callTool({ name, arguments: args }, options);

const met = {
  server: client.getServerVersion(),
  instructions: client.getInstructions(),
  tools: (await client.listTools()).tools,
  review: await call("review_schema", { sql: task.sql }, { onprogress: (step) => progress.push(step) }),
  misspelt: await call("review_schema", { sqll: task.sql }),
  unknown: await call("review_shema", {}),
  resources: (await client.listResources()).resources,
  rules: await client.readResource({ uri: "architect://rules" }),
  prompts: (await client.listPrompts()).prompts,
  prompt: await client.getPrompt({ name: "architect", arguments: {} }),
};
const run = met.review.structuredContent?.run;
met.report = await client.readResource({ uri: `architect://runs/${run}/report.json` });
met.missing = await client.readResource({ uri: "architect://rules/no_such_rule" }).then(
  () => "answered",
  (error) => String(error.message),
);
met.progress = progress;
await client.close();
console.log(JSON.stringify(met));
