// A Sparkplug B edge node of the library sparkplug-client. Takes one JSON command per line, says what happens likewise.
const readline = require("readline");
const { newClient } = require("sparkplug-client");

const [serverUrl, groupId, edgeNode] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const client = newClient({ serverUrl, groupId, edgeNode, clientId: edgeNode, username: "", password: "", keepalive: 60 });
const births = [];

function play(command) {
  const payload = JSON.parse(JSON.stringify(command.payload || null));
  if (command.do === "publishNodeBirth") client.publishNodeBirth(payload);
  else if (command.do === "publishNodeData") client.publishNodeData(payload);
  else if (command.do === "lose") client.incrementSeqNum();
  else client[command.do](command.device, payload);
}

client.on("birth", () => say({ event: "connected" }));
client.on("error", (error) => say({ event: "error", text: String(error) }));
client.on("ncmd", (payload) => {
  const asked = payload.metrics.some((metric) => metric.name === "Node Control/Rebirth" && metric.value === true);
  if (asked) births.forEach(play);
  say({ event: asked ? "reborn" : "command" });
});
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const command = JSON.parse(line);
  if (command.do.endsWith("Birth")) births.push(command);
  play(command);
  say({ event: "done" });
});
