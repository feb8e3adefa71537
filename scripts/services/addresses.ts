// Where `npm start` leaves the addresses of its stores, for other commands in the same folder; only its user may read it.
import { join, resolve } from 'node:path';

export const HOME = resolve('.roost');

export const ADDRESSES = join(HOME, 'addresses.json');
