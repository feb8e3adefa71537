// Many sockets in a process of their own. Arguments: address, how many; access tokens as JSON on the first line of
// standard input. Each further line drops all of them and connects them anew within a second; answers in JSON.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const [, , url, count] = process.argv;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tokens = JSON.parse((await lines.next()).value);
let sockets = [];

/** Opens all within `spreadMs`; answers how many came in, and after how long the last one did. */
async function connectAll(spreadMs) {
  const began = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: Number(count) }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, (n / count) * spreadMs));
      const socket = io(`${url}/notifications`, {
        auth: { token: tokens[n % tokens.length], lastSequence: 0 },
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        timeout: 60_000,
      });
      sockets.push(socket);
      socket.on('notification', (_message, confirm) => confirm());
      return new Promise((resolve) => {
        socket.on('ready', () => resolve('ready'));
        socket.on('connect_error', (error) => resolve(error.message));
      });
    }),
  );
  return { ms: performance.now() - began, refused: outcomes.filter((outcome) => outcome !== 'ready') };
}

console.log(JSON.stringify(await connectAll(5000)));
for await (const _ of lines) {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
  console.log(JSON.stringify(await connectAll(900)));
}
process.exit();
