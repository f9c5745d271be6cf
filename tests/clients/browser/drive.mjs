// Opens a page in a headless Chromium, does what it is told and prints what it saw, as JSON.
//   node drive.mjs PAGE STEPS.json SCREENSHOT
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.NODE_HOME, "node_modules", "index.js"));
const { chromium } = require("playwright-core");
const { default: packaged } = await import(pathToFileURL(require.resolve("@sparticuz/chromium")).href);

const [, , file, steps, screenshot] = process.argv;
const browser = await chromium.launch({
  executablePath: await packaged.executablePath(),
  args: ["--no-sandbox", "--disable-gpu", "--no-zygote", "--disable-background-networking", "--disable-quic",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
  timeout: 60_000,
});
const saw = { errors: [], requests: [], answers: [] };
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => saw.errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && saw.errors.push(message.text()));
  page.on("request", (request) => saw.requests.push(request.url().slice(0, 80)));
  page.on("dialog", (dialog) => { saw.errors.push("dialog: " + dialog.message()); dialog.dismiss(); });
  await page.goto(pathToFileURL(file).href);
  for (const step of JSON.parse(readFileSync(steps, "utf-8"))) {
    const place = step.frame ? page.frameLocator(step.frame) : page;
    const found = step.at ? place.locator(step.at) : null;
    if (step.do === "click") await found.first().click();
    else if (step.do === "fill") await found.fill(step.text);
    else if (step.do === "press") await page.keyboard.press(step.text);
    else if (step.do === "await") await found.first().waitFor({ timeout: 20_000 });
    else if (step.do === "count") saw.answers.push(await found.count());
    else if (step.do === "text") saw.answers.push(await found.first().innerText());
    else if (step.do === "texts") saw.answers.push(await found.allTextContents());
    else throw new Error("no such step: " + step.do);
  }
  await page.screenshot({ path: screenshot });
} finally {
  await browser.close();
}
console.log(JSON.stringify(saw));
