// An OPC UA server of the library node-opcua whose counters say, every second, which second it is. A line of the journal
// is the second that was published; the values continue where a server that was killed left off.
const fs = require("fs");
const path = require("path");
const { DataType, OPCUACertificateManager, OPCUAServer, StatusCodes, Variant } = require("node-opcua");

const [port, folder, journalFile, count] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const journal = fs.openSync(journalFile, "a");

async function main() {
  const manager = new OPCUACertificateManager({ rootFolder: path.join(folder, "pki") });
  await manager.initialize();
  const server = new OPCUAServer({
    port: Number(port),
    host: "127.0.0.1",
    serverCertificateManager: manager,
    userCertificateManager: manager,
  });
  await server.initialize();
  const namespace = server.engine.addressSpace.registerNamespace("urn:works:line");
  const second = () => Math.floor(Date.now() / 1000);
  const reading = (at) => new Variant({ dataType: DataType.UInt32, value: at });
  const counters = Array.from({ length: Number(count) }, (_, number) =>
    namespace.addVariable({
      organizedBy: server.engine.addressSpace.rootFolder.objects,
      browseName: "C" + number,
      nodeId: "s=C" + number,
      dataType: "UInt32",
      value: reading(0),
    }),
  );
  await server.start();
  say({ event: "ready" });
  let last = 0;
  setInterval(() => {
    const at = second();
    if (at === last) return;
    last = at;
    counters.forEach((one) => one.setValueFromSource(reading(at), StatusCodes.Good, new Date(at * 1000)));
    fs.writeSync(journal, at + "\n");
  }, 200);
}
main().catch((trouble) => say({ event: "failed", text: String(trouble && trouble.stack) }));
