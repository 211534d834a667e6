// An OPC UA server of the library node-opcua. Takes one JSON command per line, says what happens likewise.
const readline = require("readline");
const path = require("path");
const { DataType, OPCUACertificateManager, OPCUAServer, StatusCodes, Variant, VariantArrayType } = require("node-opcua");

const [port, folder, certificateFile, privateKeyFile] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const scalar = (type, value) => new Variant({ dataType: DataType[type], arrayType: VariantArrayType.Scalar, value });

async function main() {
  const serverCertificateManager = new OPCUACertificateManager({
    automaticallyAcceptUnknownCertificate: process.env.ACCEPT === "1",
    rootFolder: path.join(folder, "pki"),
  });
  await serverCertificateManager.initialize();
  const certificates = certificateFile ? { certificateFile, privateKeyFile } : {};
  const server = new OPCUAServer({
    port: Number(port),
    host: "127.0.0.1",
    serverCertificateManager,
    userCertificateManager: serverCertificateManager,
    userManager: { isValidUser: (name, password) => name === "reader" && password === "hidden" },
    ...certificates,
  });
  await server.initialize();
  const namespace = server.engine.addressSpace.registerNamespace("urn:works:press");
  const variables = {};
  const add = (name, dataType, value) => {
    variables[name] = namespace.addVariable({
      organizedBy: server.engine.addressSpace.rootFolder.objects,
      browseName: name,
      nodeId: "s=" + name,
      dataType,
      value: scalar(dataType, value),
    });
  };
  add("Energy", "Int64", [0, 100]);
  add("Load", "Float", 0.1);
  add("Level", "Double", 1.5);
  add("Name", "String", "press");
  await server.start();
  say({ event: "ready" });
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const { name, type, value, status, at } = JSON.parse(line);
    variables[name].setValueFromSource(scalar(type, value), StatusCodes[status || "Good"], new Date(at));
    say({ event: "done" });
  });
}
main().catch((trouble) => say({ event: "failed", text: String(trouble && trouble.stack) }));
