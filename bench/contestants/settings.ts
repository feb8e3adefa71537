// What every contestant is told by its environment, the same as Roost.
export const settings = {
  port: Number(process.env.PORT),
  databaseUrl: process.env.DATABASE_URL ?? '',
  poolSize: Number(process.env.DATABASE_POOL_SIZE),
  secret: process.env.JWT_SECRET ?? '',
  /** Also push over Socket.IO: the bare emit that live delivery is compared with. */
  sockets: process.env.SOCKETS === 'on',
};

/** Tells whoever started this process that it listens. */
export function ready(): void {
  process.send?.('ready');
}
