/** A process as a platform runs it: `node served.ts server` or `node served.ts worker`, until a signal. */

import { serve } from "../src/core/server.ts";
import { servicesOf } from "../src/core/services.ts";
import { runWorker } from "../src/core/worker.ts";
import { application, settings } from "./support.ts";

if (process.argv[2] === "server") {
  const services = servicesOf(settings);
  const { api } = application({}, { services });
  api.get("/slow", async (context) => {
    services.loggers("slow").info("begun");
    await new Promise((resolve) => process.once("SIGUSR2", resolve));
    return context.text("done");
  });
  await serve(api, services, { port: 0 });
} else {
  await runWorker(settings, { stream: "events" });
}
