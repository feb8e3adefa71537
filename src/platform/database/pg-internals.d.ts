// What node-postgres exports without describing it.
declare module 'pg/lib/utils.js' {
  const utils: {
    /** A parameter as it goes over the wire. @throws Error for what has no text */
    prepareValue: (value: unknown) => string | Buffer | null;
  };
  export default utils;
}
