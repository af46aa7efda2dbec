// The peer: an OpenID Provider of its own (oidc-provider, memory adapter) whose sessions a reverse proxy asks about.
import { randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "bench",
      redirect_uris: ["https://bench.epfl.ch/callback"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
  ],
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { devInteractions: { enabled: true } },
  findAccount: async (ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
  pkce: { required: () => false },
});

// As little as is honest: the signed cookie, the session behind it, who it is.
provider.use(async (ctx, next) => {
  if (ctx.path !== "/check") return next();
  const session = await provider.Session.get(ctx);
  ctx.set("Cache-Control", "no-store");
  ctx.body = "";
  ctx.status = session.accountId ? 200 : 401;
  if (session.accountId) ctx.set("Remote-User", session.accountId);
});

provider.listen(port, "127.0.0.1");
