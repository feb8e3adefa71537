// A device in a process of its own, to be frozen and killed: keeps ids in a file, one a line, and confirms what is on
// disk. Arguments: address, access token, file.
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { io } from 'socket.io-client';

const [, , url, token, file] = process.argv;
let kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
const disk = openSync(file, 'a');
const socket = io(`${url}/notifications`, { auth: { token, lastSequence: kept }, transports: ['websocket'] });
socket.io.on('reconnect_attempt', () => (socket.auth = { token, lastSequence: kept }));
socket.on('notification', ({ id, sequence }, confirm) => {
  if (sequence === kept + 1) {
    appendFileSync(disk, `${id}\n`);
    fsyncSync(disk);
    kept++;
  }
  confirm();
});
process.on('SIGTERM', () => {
  closeSync(disk);
  process.exit();
});
