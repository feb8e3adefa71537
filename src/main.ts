// Starts the server: HTTP, GraphQL and sockets, and the queue unless a worker runs apart.
import { pathToFileURL } from 'node:url';
import { createApp } from './app.factory.js';
import { readEnv } from './config/env.js';
import { runProcess } from './platform/observability/process.js';

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runProcess(async () => {
    const env = readEnv();
    const app = await createApp(env);
    await app.listen(env.PORT, env.HOST);
    return app;
  });
}
