// An MQTT broker of the library aedes, which keeps the sessions of absent clients in memory.
const net = require("net");
const path = require("path");
const { pathToFileURL } = require("url");

const [port] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

async function main() {
  // by its place: NODE_PATH counts for require only, and this library is a module
  const { Aedes } = await import(pathToFileURL(path.join(process.env.NODE_PATH, "aedes/aedes.js")));
  const broker = await Aedes.createBroker();
  net.createServer(broker.handle).listen(Number(port), "127.0.0.1", () => say({ event: "ready" }));
}
main().catch((trouble) => say({ event: "failed", text: String(trouble && trouble.stack) }));
