// An OpenID provider of the library oidc-provider, with its own sign-in pages. Signs in whoever is named, without a password.
const http = require("http");
const path = require("path");
const { pathToFileURL } = require("url");

const [redirect, people] = process.argv.slice(2);
const known = JSON.parse(people);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

async function main() {
  const library = pathToFileURL(path.join(process.env.NODE_PATH, "oidc-provider/lib/index.js"));
  const { default: Provider } = await import(library);
  const server = http.createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "nengtan", client_secret: "kept-by-both", redirect_uris: [redirect] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["of this test"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...known[id] }) }),
  });
  server.on("request", provider.callback());
  say({ event: "ready", issuer });
}

main().catch((error) => say({ event: "failed", text: String(error.stack) }));
